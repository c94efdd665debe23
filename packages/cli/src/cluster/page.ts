/** The way to a hub in the cluster: a local port, a token, questions, the page. */
import type { KubeConfig } from '@kubernetes/client-node';
import type { ApiError } from '@kubeshark/model';
import { API_PREFIX } from '@kubeshark/model';
import { openBrowser } from '../browser.ts';
import type { LocalPort } from '../local-port.ts';
import { VIEWER } from '../manifests/names.ts';
import { onStderr } from '../output/colours.ts';
import { UserError } from '../user-error.ts';
import { oneTimeLink } from './one-time-link.ts';
import { forwardHub } from './port-forward.ts';
import type { Right } from './rights.ts';
import { missingRights, rightInWords } from './rights.ts';
import type { Rollout } from './rollout.ts';
import { PROXIED_SERVICE, proxyHub } from './service-proxy.ts';
import type { Steps } from './steps.ts';
import { viewerToken } from './viewer-token.ts';

/** A hub that is there answers within this. */
const ANSWER_MS = 30_000;

export interface WayOptions {
  config: KubeConfig;
  releaseNamespace: string;
  rollout: Rollout;
  /** 0: any that is free. */
  port: number;
  serviceAccount?: string;
  steps: Steps;
}

export interface HubWay {
  readonly port: number;
  readonly token: string;
  /** ServiceAccount whose token it is: `NAMESPACE/NAME`. */
  readonly account: string;
  /** Asks the hub's API; `path` without its prefix. Throws `UserError` with the hub's words. */
  ask(path: string): Promise<unknown>;
  close(): Promise<void>;
}

/** Kept open, whatever becomes of the hub's pod, until it is closed. */
export async function wayToHub(options: WayOptions): Promise<HubWay> {
  const { config, releaseNamespace, serviceAccount: account = `${releaseNamespace}/${VIEWER}` } = options;
  const token = await viewerToken(config, account);
  const forward = await localWay(options);
  return {
    port: forward.port,
    token,
    account,
    async ask(path) {
      const response = await fetch(`http://localhost:${forward.port}${API_PREFIX}${path}`, {
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(ANSWER_MS),
      }).catch((error: unknown) => {
        throw new UserError(
          `the hub does not answer: ${error instanceof Error ? error.message : String(error)}`,
        );
      });
      const answer = (await response.json()) as { error?: ApiError };
      if (response.ok) return answer;
      const { message = `HTTP ${response.status}`, hint } = answer.error ?? {};
      throw new UserError(hint === undefined ? message : `${message} ${hint}`);
    },
    close: () => forward.close(),
  };
}

/** By a port-forward, or through the hub's Service where the user may have only that. */
async function localWay(options: WayOptions): Promise<LocalPort> {
  const { config, releaseNamespace: namespace, rollout, port, steps } = options;
  const missing = await missingRights(config, waysToHub(namespace));
  const lacks = (subresource: string) => missing.some((right) => right.subresource === subresource);
  if (lacks('portforward') && !lacks('proxy')) {
    steps.note('you may not forward ports: the hub is reached through its Service (services/proxy)');
    return await proxyHub(port, config, namespace);
  }
  if (lacks('portforward'))
    throw new UserError(
      `there is no way to the hub for you. It takes one of these rights:\n  ${waysToHub(namespace).map(rightInWords).join('\n  ')}`,
    );
  return await forwardHub(port, {
    config,
    namespace,
    pod: async () => (await rollout.hub())?.pod ?? null,
    onState: (problem) => {
      if (problem === null) steps.note('the way to the hub is there again');
      else steps.warn(`the way to the hub is lost (${problem}); it is tried again with each request`);
    },
  });
}

/** Either is enough; the first is what all clusters have, whatever their network policies say. */
export function waysToHub(namespace: string): Right[] {
  const reason = 'reach the page';
  return [
    { verb: 'create', group: '', resource: 'pods', subresource: 'portforward', namespace, reason },
    {
      verb: 'get',
      group: '',
      resource: 'services',
      subresource: 'proxy',
      name: PROXIED_SERVICE,
      namespace,
      reason,
    },
  ];
}

/** Says where the page is, and opens it unless it must not. */
export async function showClusterPage(
  { port, token, account }: HubWay,
  filter: string,
  open: boolean,
  steps: Steps,
): Promise<void> {
  const query = filter === '' ? '' : `?f=${encodeURIComponent(filter)}`;
  const url = `http://localhost:${port}/${query}#token=${token}`;
  const opened = open && (await openBrowser(() => oneTimeLink(url)));
  steps.note(`the page: ${onStderr.bold(url)}${opened ? '' : ' (open it in a browser)'}`);
  steps.note(`it is opened as ServiceAccount ${account}, and shows what that may read the logs of`);
}
