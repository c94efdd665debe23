/** An end of a call as a column shows it: the name that says most, and a part that may be cut first. */
import type { Endpoint } from '@kubeshark/model';

export interface EndName {
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

/** The workload, the service, or what else is known; an address with its port when `port` tells something. */
export function shortEnd(end: Endpoint, port: boolean): EndName {
  const name = end.workload?.name ?? end.service?.name ?? end.name ?? end.process?.name;
  if (name === undefined || name === '') return address(end, port);
  return { name: SERVICE_NAME.exec(name)?.[1] ?? name, rest: '' };
}

/** The pod, its workload's name apart from the hash. */
export function longEnd(end: Endpoint, port: boolean): EndName {
  const pod = end.pod?.name;
  if (pod === undefined) {
    const short = shortEnd(end, port);
    if (short.rest !== '') return short;
    const domain = end.workload || end.service ? '' : (SERVICE_NAME.exec(end.name ?? '')?.[2] ?? '');
    // A name without its port is not enough to tell two processes apart.
    return { name: short.name, rest: port && end.port !== 0 ? `:${end.port}` : domain };
  }
  const workload = end.workload?.name;
  return workload !== undefined && pod.startsWith(`${workload}-`)
    ? { name: workload, rest: pod.slice(workload.length) }
    : { name: pod, rest: '' };
}

/** Everything known of an end, for the tooltip. */
export function endWords(end: Endpoint): string {
  const { name, rest } = address(end, true);
  const known = [
    end.pod?.name ?? end.name,
    end.process && `process ${end.process.name}`,
    end.service && `service ${end.service.name}`,
    end.pod?.namespace,
    end.node?.name,
  ];
  return [`${name}${rest}`, ...known].filter((part) => part !== undefined && part !== '').join(' · ');
}
