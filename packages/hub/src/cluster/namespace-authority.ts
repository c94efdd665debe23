/**
 * For a hub without a right in the whole cluster. Whose a token is, its signature says: the keys of the API server are there for
 * every ServiceAccount to read. What somebody may is asked in each namespace by itself (LocalSubjectAccessReview), which is a
 * right that a namespace's own administrator can give.
 */
import type { ConfigurationOptions, KubeConfig } from '@kubernetes/client-node';
import { AuthorizationV1Api } from '@kubernetes/client-node';
import type { JSONWebKeySet, JWTPayload } from 'jose';
import { createLocalJWKSet, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { ApiServer } from './api-server.ts';
import { reviewSpec } from './cluster-authority.ts';
import { endingAfter } from './in-time.ts';
import { Published } from './published.ts';
import type { Account, Authority, Right } from './review.ts';
import { SKEW_SECONDS } from './review.ts';

/** A key that the API server has taken back counts no longer than this. */
const KEYS_MS = 600_000;
/** A token with a key that is not known is a reason to look for new ones, but not more often. */
const NEW_KEYS_MS = 10_000;
const KEYS_BYTES = 1_000_000;
/** Keys come as the first and as nothing else, what is said of the issuer as the second. */
const ACCEPT = 'application/jwk-set+json, application/json';
/** With public keys alone: none of these takes a key for a shared secret. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'];
const POD_NAME = 'authentication.kubernetes.io/pod-name';
const POD_UID = 'authentication.kubernetes.io/pod-uid';

const named = z.object({ name: z.string(), uid: z.string() });
/** What the API server writes into the tokens of ServiceAccounts. */
const Claims = z.object({
  sub: z.string(),
  exp: z.number(),
  'kubernetes.io': z.object({ namespace: z.string(), serviceaccount: named, pod: named.optional() }),
});
const Discovery = z.object({ issuer: z.string().min(1) });

interface Keys {
  issuer: string;
  find: ReturnType<typeof createLocalJWKSet>;
}

export class NamespaceAuthority implements Authority {
  private readonly server: ApiServer;
  private readonly authorization: AuthorizationV1Api;
  private readonly audience: string;
  private readonly answerMs: number;
  private readonly inTime: ConfigurationOptions;
  private reviews = 0;
  private readonly keys = new Published(() => this.ask(), KEYS_MS, NEW_KEYS_MS);

  constructor(config: KubeConfig, audience: string, answerMs: number) {
    this.server = new ApiServer(config);
    this.authorization = config.makeApiClient(AuthorizationV1Api);
    this.audience = audience;
    this.answerMs = answerMs;
    this.inTime = endingAfter(answerMs);
  }

  get asked(): number {
    return this.reviews + this.server.asked;
  }

  async account(token: string): Promise<Account | null> {
    try {
      return accountOf(await this.verified(token, await this.keys.get()));
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) return nobody(error);
    }
    // The API server may have a new key.
    const keys = await this.keys.newer();
    return await this.verified(token, keys).then(accountOf, nobody);
  }

  async may(account: Account, right: Right): Promise<boolean> {
    const { namespace } = right;
    // Nobody can be asked about all namespaces at once.
    if (namespace === '') return false;
    this.reviews++;
    const { status } = await this.authorization.createNamespacedLocalSubjectAccessReview(
      { namespace, body: { metadata: { namespace }, spec: reviewSpec(account, right) } },
      this.inTime,
    );
    return status?.allowed === true;
  }

  private async verified(token: string, { issuer, find }: Keys): Promise<JWTPayload> {
    const { payload } = await jwtVerify(token, find, {
      issuer,
      audience: this.audience,
      algorithms: ALGORITHMS,
      clockTolerance: SKEW_SECONDS,
      requiredClaims: ['exp', 'sub'],
    });
    return payload;
  }

  private async ask(): Promise<Keys> {
    const json = async (path: string) =>
      await this.server.json(path, ACCEPT, KEYS_BYTES, AbortSignal.timeout(this.answerMs));
    const [discovery, keys] = await Promise.all([
      json('/.well-known/openid-configuration'),
      json('/openid/v1/jwks'),
    ]);
    return {
      issuer: Discovery.parse(discovery).issuer,
      find: createLocalJWKSet(keys as JSONWebKeySet),
    };
  }
}

/** As the API server itself tells of it. null: it is no token of a ServiceAccount. */
function accountOf(payload: JWTPayload): Account | null {
  const claims = Claims.safeParse(payload);
  if (!claims.success) return null;
  const { sub, 'kubernetes.io': kubernetes } = claims.data;
  const { namespace, serviceaccount, pod } = kubernetes;
  if (sub !== `system:serviceaccount:${namespace}:${serviceaccount.name}`) return null;
  return {
    name: sub,
    uid: serviceaccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
    extra: pod ? { [POD_NAME]: [pod.name], [POD_UID]: [pod.uid] } : {},
  };
}

/** A token that does not hold is nobody's; what else went wrong says nothing about it. */
function nobody(error: unknown): null {
  if (error instanceof errors.JOSEError) return null;
  throw error;
}
