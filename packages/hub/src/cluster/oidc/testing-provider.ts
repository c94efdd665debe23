/** A real OpenID provider on this machine: anybody may sign in, under the name they give. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { Provider } from 'oidc-provider';
import type { OidcSettings } from '../settings.ts';

export const CLIENT = 'kubeshark';
const KEY = 'key-1';

export interface ProviderOptions {
  /** Where the hub is reached. */
  url: string;
  secret: string | null;
  /** By the name somebody signs in under. */
  groups?: Readonly<Record<string, readonly string[]>>;
}

export class TestProvider {
  readonly issuer: string;
  /** How long tokens live. */
  idTokenSeconds = 3_600;
  private readonly server: Server;
  private readonly key: CryptoKey;

  private constructor(issuer: string, server: Server, key: CryptoKey) {
    this.issuer = issuer;
    this.server = server;
    this.key = key;
  }

  static async start({ url, secret, groups = {} }: ProviderOptions): Promise<TestProvider> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    const jwk = { ...(await exportJWK(privateKey)), kid: KEY, use: 'sig', alg: 'RS256' };
    const started = new TestProvider(issuer, server, privateKey);
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: CLIENT,
          redirect_uris: [`${url}/api/v1/sign-in/callback`],
          ...(secret === null
            ? { token_endpoint_auth_method: 'none' as const }
            : { client_secret: secret, token_endpoint_auth_method: 'client_secret_post' as const }),
        },
      ],
      jwks: { keys: [jwk] },
      claims: { openid: ['sub'], groups: ['groups'] },
      conformIdTokenClaims: false,
      cookies: { keys: ['of the test'] },
      ttl: {
        IdToken: () => started.idTokenSeconds,
        AccessToken: 60,
        AuthorizationCode: 60,
        Grant: 600,
        Interaction: 600,
        Session: 600,
      },
      findAccount: (_context, id) => ({
        accountId: id,
        claims: () => ({ sub: id, groups: groups[id] ?? [] }),
      }),
    });
    const answer = provider.callback();
    server.on('request', (request, response) => void answer(request, response));
    return started;
  }

  settings(url: string, parts: Partial<OidcSettings> = {}): OidcSettings {
    return {
      issuer: this.issuer,
      clientId: CLIENT,
      clientSecretFile: null,
      url,
      usernameClaim: 'sub',
      usernamePrefix: '',
      groupsClaim: '',
      groupsPrefix: '',
      scopes: [],
      ...parts,
    };
  }

  /** An ID token as the provider would sign it; `key`: as somebody else would; `typ`: a token of another kind. */
  async sign(claims: Record<string, unknown>, key: CryptoKey = this.key, typ = 'JWT'): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    return await new SignJWT({ iss: this.issuer, aud: CLIENT, iat: now, exp: now + 600, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: KEY, typ })
      .sign(key);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
