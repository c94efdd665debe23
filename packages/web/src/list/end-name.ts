/** An end of a call as a column shows it: the name that says most, and a part that may be cut first. */
import { type Endpoint, visibleText } from '@kubeshark/model';

export interface EndName {
  /** Quiet, before the name. */
  namespace?: string;
  name: string;
  /** Grey, and cut before the name is: a pod's hash, a port. */
  rest: string;
}

function address(end: Endpoint, port: boolean): EndName {
  const ip = end.ip.includes(':') && port && end.port !== 0 ? `[${end.ip}]` : end.ip;
  return { name: ip, rest: port && end.port !== 0 ? `:${end.port}` : '' };
}

/** `orders.shop.svc.cluster.local`: the first part is the service, the rest is the same everywhere. */
const SERVICE_NAME = /^([^.]+)(\..+\.svc(?:\..+)?)$/;

/** The workload, the service, or what else is known; with the port when `port` tells something and nothing else does. */
export function shortEnd(end: Endpoint, port: boolean): EndName {
  const service = end.workload?.name ?? end.service?.name;
  const name = service ?? end.name;
  if (name === undefined || name === '') return address(end, port);
  if (service === undefined && port && end.port !== 0 && !SERVICE_NAME.test(name))
    return { name: visibleText(name), rest: `:${end.port}` };
  return { name: visibleText(SERVICE_NAME.exec(name)?.[1] ?? name), rest: '' };
}

/** The pod, its workload's name apart from the hash; the service where no pod is known. Of what is in a cluster, with its namespace. */
export function longEnd(end: Endpoint, port: boolean): EndName {
  const namespace = end.pod?.namespace ?? end.service?.namespace ?? '';
  return { ...(namespace === '' ? {} : { namespace }), ...podOrElse(end, port) };
}

function podOrElse(end: Endpoint, port: boolean): EndName {
  if (!end.pod) {
    const short = shortEnd(end, port);
    if (short.rest !== '') return short;
    const domain = end.workload || end.service ? '' : (SERVICE_NAME.exec(end.name ?? '')?.[2] ?? '');
    // A name without its port is not enough to tell two processes apart.
    return { name: short.name, rest: port && end.port !== 0 ? `:${end.port}` : visibleText(domain) };
  }
  return podName(end.pod.name, end.workload?.name);
}

/** The name of a pod, that of its workload apart from the hash. */
export function podName(pod: string, workload: string | undefined): EndName {
  return workload !== undefined && pod.startsWith(`${workload}-`)
    ? { name: visibleText(workload), rest: visibleText(pod.slice(workload.length)) }
    : { name: visibleText(pod), rest: '' };
}

/** Everything known of an end, for the tooltip. */
export function endWords(end: Endpoint): string {
  const { name, rest } = address(end, true);
  const known = [
    end.pod?.name ?? end.name,
    end.service && `service ${end.service.name}`,
    end.pod?.namespace ?? end.service?.namespace,
    end.node?.name,
  ];
  return visibleText(
    [`${name}${rest}`, ...known].filter((part) => part !== undefined && part !== '').join(' · '),
  );
}
