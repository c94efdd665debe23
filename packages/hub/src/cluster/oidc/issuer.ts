/** An OpenID provider: what it publishes about itself, signing in there, and its tokens. */
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { API_PREFIX } from '@kubeshark/model';
import type { JSONWebKeySet, JWTVerifyResult } from 'jose';
import { createLocalJWKSet, decodeJwt, errors, jwtVerify } from 'jose';
import type { Configuration, ServerMetadata } from 'openid-client';
import * as client from 'openid-client';
import type { Logger } from 'pino';
import { Problem } from '../../api/problem.ts';
import { Seldom } from '../../seldom.ts';
import type { HubLimits } from '../../settings.ts';
import { why } from '../../why.ts';
import { Published } from '../published.ts';
import type { Account } from '../review.ts';
import { SKEW_SECONDS } from '../review.ts';
import type { OidcSettings } from '../settings.ts';
import { accountOf } from './account.ts';
import { boundedFetch } from './bounded-fetch.ts';

export const SIGN_IN_PATH = '/sign-in';
export const CALLBACK_PATH = '/sign-in/callback';
/** For as long, known keys are good without the issuer. */
const KEYS_MS = 3_600_000;
/** A token with a key that is not known is a reason to look for new ones, but not more often. */
const NEW_KEYS_MS = 60_000;
const ALGORITHMS = [
  ...['RS', 'PS', 'ES'].flatMap((family) => [256, 384, 512].map((bits) => `${family}${bits}`)),
  'EdDSA',
];
/** What the issuer says in an error may be anything. */
const TOLD_CHARACTERS = 300;

/** Keycloak says in a claim of what kind a token is: `Bearer` is for an API, though its header says no more than `JWT`. */
const KINDS: ReadonlySet<unknown> = new Set([undefined, 'JWT', 'ID']);

/** What says of a token that it is not good; all else says that the issuer cannot be asked. */
const REFUSALS = [
  errors.JWTExpired,
  errors.JWTClaimValidationFailed,
  errors.JWTInvalid,
  errors.JWSInvalid,
  errors.JWSSignatureVerificationFailed,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSNoMatchingKey,
  errors.JWKSMultipleMatchingKeys,
];

/** What says of an answer to a sign-in that it does not fit what was asked. */
const UNFIT: ReadonlySet<string> = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
]);

interface Provider {
  metadata: ServerMetadata;
  keys: ReturnType<typeof createLocalJWKSet>;
}

/** Kept by the browser while its user is at the issuer. */
export interface Begun {
  state: string;
  nonce: string;
  verifier: string;
}

export class Issuer {
  readonly caps = { issuerBytes: 0 };
  /** Where browsers reach the hub. */
  readonly url: URL;
  private readonly settings: OidcSettings;
  private readonly redirectUri: string;
  private readonly limits: HubLimits;
  private readonly log: Seldom;
  private readonly fetch: ReturnType<typeof boundedFetch>;
  private readonly provider = new Published(() => this.discover(), KEYS_MS, NEW_KEYS_MS);

  constructor(settings: OidcSettings, limits: HubLimits, log: Logger) {
    this.settings = settings;
    this.limits = limits;
    this.log = new Seldom(log);
    this.url = new URL(settings.url);
    this.redirectUri = `${this.url.origin}${API_PREFIX}${CALLBACK_PATH}`;
    this.fetch = boundedFetch(limits.issuerBytes, limits.issuerMs, () => this.caps.issuerBytes++);
  }

  /** Came the request over https, to where users reach the hub? */
  secure({ headers }: IncomingMessage): boolean {
    return this.url.protocol === 'https:' && headers.host?.toLowerCase() === this.url.host;
  }

  /** Says the token that it comes from here? Whether that is true is another question. */
  issued(token: string): boolean {
    try {
      return decodeJwt(token).iss === this.settings.issuer;
    } catch {
      return false;
    }
  }

  /** Whose token it is and until when it counts, ms; null: not a good one. `Problem` 503 when the issuer cannot be asked. */
  async account(token: string): Promise<{ account: Account; endsAt: number } | null> {
    const { clientId } = this.settings;
    try {
      const { payload, protectedHeader } = await this.verified(token);
      // Another kind of token, such as one for an API or one that says that somebody signed out, is no proof of who is here.
      if (!KINDS.has(protectedHeader.typ?.toUpperCase()) || !KINDS.has(payload['typ'])) return null;
      // Made for another client, which may pass it on.
      if (payload['azp'] !== undefined && payload['azp'] !== clientId) return null;
      return { account: accountOf(payload, this.settings), endsAt: payload.exp! * 1_000 };
    } catch (error) {
      if (error instanceof Problem) throw error;
      if (REFUSALS.some((refusal) => error instanceof refusal)) return null;
      throw this.away(error);
    }
  }

  private async verified(token: string): Promise<JWTVerifyResult> {
    const verify = ({ keys }: Provider) =>
      jwtVerify(token, keys, {
        issuer: this.settings.issuer,
        audience: this.settings.clientId,
        algorithms: ALGORITHMS,
        clockTolerance: SKEW_SECONDS,
        requiredClaims: ['exp'],
      });
    const provider = await this.provider.get();
    try {
      return await verify(provider);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    }
    return await verify(await this.provider.newer());
  }

  /** Where the browser goes to sign in. */
  async begin(): Promise<{ location: URL; begun: Begun }> {
    const configuration = await this.configuration();
    const begun = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
    };
    const location = client.buildAuthorizationUrl(configuration, {
      redirect_uri: this.redirectUri,
      scope: ['openid', ...this.settings.scopes].join(' '),
      code_challenge: await client.calculatePKCECodeChallenge(begun.verifier),
      code_challenge_method: 'S256',
      state: begun.state,
      nonce: begun.nonce,
    });
    return { location, begun };
  }

  /** The ID token for what the issuer sent the browser back with. */
  async finish(query: string, { state, nonce, verifier }: Begun): Promise<string> {
    const configuration = await this.configuration();
    try {
      const tokens = await client.authorizationCodeGrant(
        configuration,
        new URL(`${this.redirectUri}?${query}`),
        {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        },
      );
      return tokens.id_token!;
    } catch (error) {
      if (error instanceof client.AuthorizationResponseError)
        throw new Problem(403, {
          code: 'sign_in_refused',
          message: `The issuer did not let you in: ${told(error)}.`,
          ...(error.error === 'invalid_scope'
            ? {
                hint: 'Whoever runs kubeshark: hub.oidc.scopes asks for a scope that the issuer does not know.',
              }
            : {}),
        });
      if (error instanceof client.ResponseBodyError)
        throw new Problem(502, {
          code: 'sign_in_refused',
          message: `The issuer gave no token: ${told(error)}.`,
          hint: `Is the client ${this.settings.clientId} registered there with the redirect URL ${this.redirectUri}, and its secret the one in the Secret?`,
        });
      if (error instanceof client.ClientError && UNFIT.has(error.code ?? ''))
        throw new Problem(401, {
          code: 'bad_token',
          message: `The issuer’s answer does not hold: ${why(error)}.`,
          hint: 'Sign in again. Are the clocks of the issuer and of the cluster right?',
        });
      throw this.away(error);
    }
  }

  private async configuration(): Promise<Configuration> {
    const { metadata } = await this.provider.get();
    const secret = this.clientSecret();
    const methods = metadata.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const authenticate = methods.includes('client_secret_post')
      ? client.ClientSecretPost
      : client.ClientSecretBasic;
    const configuration = new client.Configuration(
      metadata,
      this.settings.clientId,
      { [client.clockTolerance]: SKEW_SECONDS },
      secret === null ? client.None() : authenticate(secret),
    );
    configuration[client.customFetch] = this.fetch;
    if (this.insecure) client.allowInsecureRequests(configuration);
    return configuration;
  }

  private clientSecret(): string | null {
    const { clientSecretFile } = this.settings;
    if (clientSecretFile === null) return null;
    try {
      return readFileSync(clientSecretFile, 'utf8').trim();
    } catch (error) {
      this.log.warn(why(error), 'the client secret cannot be read');
      throw new Problem(500, {
        code: 'no_client_secret',
        message: 'The hub cannot read its client secret.',
        hint: 'The Secret that hub.oidc.secretName names needs the key client-secret.',
      });
    }
  }

  /** What the issuer publishes. */
  private async discover(): Promise<Provider> {
    try {
      const { issuer, clientId } = this.settings;
      // Named whole, since the library compares addresses where the text of the issuer’s name counts.
      const document = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
      const configuration = await client.discovery(document, clientId, undefined, undefined, {
        [client.customFetch]: this.fetch,
        execute: this.insecure ? [client.allowInsecureRequests] : [],
      });
      const metadata = configuration.serverMetadata();
      if (metadata.issuer !== issuer) throw this.misnamed(metadata.issuer.slice(0, TOLD_CHARACTERS));
      const keysUrl = new URL(metadata.jwks_uri ?? '');
      if (keysUrl.protocol !== 'https:' && !this.insecure)
        throw new Error(`the issuer’s keys are not at https: ${keysUrl.href}`);
      const answer = await this.fetch(keysUrl.href);
      if (!answer.ok) throw new Error(`${keysUrl.href} answers with HTTP status ${answer.status}`);
      return { metadata, keys: createLocalJWKSet((await answer.json()) as JSONWebKeySet) };
    } catch (error) {
      if (error instanceof Problem) throw error;
      throw this.away(error);
    }
  }

  /** On this machine only: the settings take no other. */
  private get insecure(): boolean {
    return this.settings.issuer.startsWith('http:');
  }

  private misnamed(itself: string): Problem {
    const { issuer } = this.settings;
    this.log.warn(`it calls itself ${itself}`, `hub.oidc.issuer is ${issuer}`);
    return new Problem(503, {
      code: 'issuer_misnamed',
      message: `The issuer that this hub knows as ${issuer} calls itself ${itself}.`,
      hint: 'Whoever runs kubeshark: hub.oidc.issuer must be written as the issuer writes it, to the last slash.',
    });
  }

  private away(error: unknown): Problem {
    const { cause } = error as { cause?: unknown };
    const words = cause instanceof Response ? `it answers with HTTP status ${cause.status}` : why(error);
    this.log.warn(words, `the issuer ${this.settings.issuer} cannot be asked`);
    return new Problem(503, {
      code: 'issuer_away',
      message: `The issuer ${this.settings.issuer} cannot be asked who you are.`,
      hint: 'Try again in a moment. The hub’s log says why.',
    });
  }
}

function told({
  error,
  error_description,
}: {
  error: string;
  error_description?: string | undefined;
}): string {
  return [error, error_description ?? []].flat().join(', ').slice(0, TOLD_CHARACTERS);
}
