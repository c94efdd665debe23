/**
 * In a cluster the API server says who somebody is (TokenReview), or an issuer's token does; the API server says what they may (SubjectAccessReview): a row is for
 * those who may read the logs of a captured end's pod.
 */
import type { IncomingMessage } from 'node:http';
import type { Access } from '@kubeshark/model';
import { ACCESS_ALL, API_PREFIX } from '@kubeshark/model';
import type { Authenticator, KnownWorker, Visitor } from '../api/authenticator.ts';
import { bearerOf } from '../api/authenticator.ts';
import { sessionOf, setSession } from '../api/cookies.ts';
import { Problem } from '../api/problem.ts';
import type { Issuer } from './oidc/issuer.ts';
import { SIGN_IN_PATH } from './oidc/issuer.ts';
import type { Account, Reviews } from './review.ts';
import type { ClusterSettings } from './settings.ts';
import type { ClusterView } from './view.ts';

const READ_LOGS = { verb: 'get', resource: 'pods', subresource: 'log' } as const;
/** Questions to the API server at once for one user. */
const AT_ONCE = 10;
const WORKER_POD = 'authentication.kubernetes.io/pod-uid';
/** Of a token; browsers keep 4,096 bytes with the name and the rest. */
export const COOKIE_CHARACTERS = 3_500;
const COOKIE_SECONDS = 30 * 86_400;

export class ClusterUsers implements Authenticator {
  readonly signIn: string | null;
  private readonly settings: ClusterSettings;
  private readonly view: ClusterView;
  private readonly reviews: Reviews;
  private readonly issuer: Issuer | null;

  constructor(settings: ClusterSettings, view: ClusterView, reviews: Reviews, issuer: Issuer | null) {
    this.settings = settings;
    this.view = view;
    this.reviews = reviews;
    this.issuer = issuer;
    this.signIn = issuer && `${issuer.url.origin}${API_PREFIX}${SIGN_IN_PATH}`;
  }

  async visitor(request: IncomingMessage): Promise<Visitor | null> {
    const token = bearerOf(request) ?? sessionOf(request, this.issuer?.secure(request));
    return token === null ? null : await this.visitorOf(token);
  }

  /**
   * A worker's token is bound to its pod, and its pod to a node: it may speak for that node alone. The API server's word for
   * the pod counts, the hub's view says where it runs.
   */
  async worker(request: IncomingMessage): Promise<KnownWorker | null> {
    const token = bearerOf(request);
    if (token === null) return null;
    const account = await this.reviews.account(token);
    const { namespace, workerAccount } = this.settings;
    if (account?.name !== `system:serviceaccount:${namespace}:${workerAccount}`) return null;
    const pod = this.view.pods.get(account.extra[WORKER_POD]?.[0] ?? '');
    if (pod && pod.namespace === namespace && pod.node !== '') return { name: pod.node };
    throw new Problem(503, {
      code: 'unknown_worker',
      message: 'The pod of this worker is not known here yet.',
    });
  }

  /** The cookie holds the token itself: it is of use for this hub alone (its audience), and a new hub needs no memory of it. */
  async sessionCookie(token: string, request: IncomingMessage): Promise<string | null> {
    if (token.length > COOKIE_CHARACTERS || !/^[\w.-]+$/.test(token)) return null;
    const known = await this.visitorOf(token);
    if (!known) return null;
    const seconds = known.endsAt === null ? COOKIE_SECONDS : (known.endsAt - Date.now()) / 1_000;
    // An issuer's answer comes without an Origin.
    return setSession(request, token, { seconds, secure: this.issuer?.secure(request) });
  }

  private async visitorOf(token: string): Promise<Visitor | null> {
    const known = await this.accountOf(token);
    if (known === null) return null;
    const { account, endsAt } = known;
    const [access, mayTarget] = await Promise.all([
      this.accessOf(account),
      this.reviews.may(account, {
        verb: 'update',
        resource: 'configmaps',
        name: this.settings.targetsConfigMap,
        namespace: this.settings.namespace,
      }),
    ]);
    return { name: account.name, groups: account.groups, access, mayTarget, endsAt };
  }

  /** What an issuer signed is never sent to the API server, good or not. */
  private async accountOf(token: string): Promise<{ account: Account; endsAt: number | null } | null> {
    if (this.issuer?.issued(token)) return await this.issuer.account(token);
    const account = await this.reviews.account(token);
    return account && { account, endsAt: null };
  }

  private async accessOf(account: Account): Promise<Access> {
    if (await this.reviews.may(account, { ...READ_LOGS, namespace: '' })) return ACCESS_ALL;
    const waiting = [...(this.settings.namespaces ?? this.view.namespaces)];
    const allowed = new Set<string>();
    const ask = async () => {
      for (let namespace = waiting.pop(); namespace !== undefined; namespace = waiting.pop())
        if (await this.reviews.may(account, { ...READ_LOGS, namespace })) allowed.add(namespace);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
    return { all: false, namespaces: allowed };
  }
}
