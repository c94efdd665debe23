// A hub and a real OpenID provider: whose tokens are good, what browsers are sent, and what happens when the provider is away.
import type { IncomingHttpHeaders, RequestListener, Server, ServerResponse } from 'node:http';
import { createServer, request as requestHttp } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CSRF_HEADER, LIVE_PATH } from '@kubeshark/model';
import { generateKeyPair, UnsecuredJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import type { TestHub } from '../../testing.ts';
import { newHub } from '../../testing.ts';
import type { ClusterSettings, OidcSettings } from '../settings.ts';
import { clusterSettings, FakeApi, testToken } from '../testing-api.ts';
import { CLIENT, TestProvider } from './testing-provider.ts';

const PUBLIC = 'https://kubeshark.example.org';
const STATUS = '/api/v1/status';
const VIEWER = testToken('viewer');
const SIGN_IN = '/api/v1/sign-in';

let api: FakeApi;
let provider: TestProvider;
let hub: TestHub;
const servers: Server[] = [];

beforeAll(async () => {
  api = await FakeApi.start();
  provider = await TestProvider.start({ url: PUBLIC, secret: null });
  api.accounts.set(VIEWER, { username: 'viewer' });
  api.readers.add('viewer ').add(`${provider.issuer}#jane shop`).add('oidc:stock-team stock');
  for (const name of ['shop', 'stock', 'kubeshark']) api.put('namespaces', { metadata: { uid: name, name } });
  hub = await hubWith({ groupsClaim: 'groups', groupsPrefix: 'oidc:', scopes: ['groups'] });
});

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

afterAll(async () => {
  await hub?.end();
  await provider.close();
  await api.down();
});

async function hubWith(
  parts: Partial<OidcSettings>,
  cluster: Partial<ClusterSettings> = {},
): Promise<TestHub> {
  const started = await newHub(
    {
      cluster: clusterSettings(api.kubeConfig, { oidc: provider.settings(PUBLIC, parts), ...cluster }),
      allowedHosts: ['kubeshark.example.org'],
    },
    { issuerMs: 300, issuerBytes: 20_000 },
  );
  await vi.waitFor(async () => expect((await fetch(`${started.url}/readyz`)).ok).toBe(true), {
    timeout: 10_000,
  });
  return started;
}

/** A hub whose issuer is this, for one test. */
async function hubOf(issuer: string, ask: (hub: TestHub) => Promise<void>): Promise<void> {
  const other = await hubWith({ issuer });
  try {
    await ask(other);
  } finally {
    await other.end();
  }
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** As a browser asks that came by the public name. */
function browse(
  path: string,
  { method = 'GET', headers = {}, body = '', port = hub.port } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const host = 'kubeshark.example.org';
    const request = requestHttp({
      host: '127.0.0.1',
      port,
      path,
      method,
      headers: { host, ...headers },
    });
    request.on('error', reject).on('response', (response) => {
      let text = '';
      response.on('data', (part: Buffer) => {
        text += part.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    });
    request.end(body);
  });
}

const namespacesOf = async (token: string, of = hub): Promise<unknown> =>
  ((await (await of.get(STATUS, token)).json()) as { restrictedTo: unknown }).restrictedTo;
const codeOf = async (response: Response): Promise<[number, string]> => [
  response.status,
  ((await response.json()) as { error: { code: string } }).error.code,
];
const tokenReviews = () => api.asked.filter(({ path }) => path.endsWith('/tokenreviews')).length;
const seconds = () => Math.floor(Date.now() / 1_000);

describe('tokens of the issuer', () => {
  test('show what the user and the user’s groups may read; the API server never gets them', async () => {
    const before = tokenReviews();
    expect(await namespacesOf(await provider.sign({ sub: 'jane' }))).toEqual(['shop']);
    expect(await namespacesOf(await provider.sign({ sub: 'bob', groups: ['stock-team'] }))).toEqual([
      'stock',
    ]);
    expect(await namespacesOf(await provider.sign({ sub: 'eve' }))).toEqual([]);
    expect(tokenReviews()).toBe(before);
  });

  test('count up to 30 s after their end: clocks differ', async () => {
    expect(await namespacesOf(await provider.sign({ sub: 'jane', exp: seconds() - 20 }))).toEqual(['shop']);
  });

  test('say under which names the cluster gives rights to who asks', async () => {
    const answer = await hub.get(
      '/api/v1/user',
      await provider.sign({ sub: 'jane', groups: ['/shop-team'] }),
    );
    expect(await answer.json()).toEqual({
      name: `${provider.issuer}#jane`,
      groups: ['oidc:/shop-team', 'system:authenticated'],
    });
  });

  test('count with the kind that Keycloak says in a claim', async () => {
    expect(await namespacesOf(await provider.sign({ sub: 'jane', typ: 'ID' }))).toEqual(['shop']);
  });

  const strangersKey = async () => (await generateKeyPair('RS256')).privateKey;
  test.each([
    ['has ended', () => provider.sign({ sub: 'jane', exp: seconds() - 40 })],
    ['is for another client', () => provider.sign({ sub: 'jane', aud: 'another' })],
    ['was made for another client', () => provider.sign({ sub: 'jane', aud: [CLIENT, 'b'], azp: 'b' })],
    ['is not signed by the issuer', async () => provider.sign({ sub: 'jane' }, await strangersKey())],
    ['is for an API', () => provider.sign({ sub: 'jane' }, undefined, 'at+jwt')],
    // As Keycloak makes it.
    ['is for an API, as a claim alone says', () => provider.sign({ sub: 'jane', typ: 'Bearer' })],
    ['says that somebody signed out', () => provider.sign({ sub: 'jane' }, undefined, 'logout+jwt')],
    ['never ends', () => provider.sign({ sub: 'jane', exp: undefined })],
    ['counts later', () => provider.sign({ sub: 'jane', nbf: seconds() + 300 })],
    [
      'is not signed',
      async () =>
        new UnsecuredJWT({ sub: 'jane' })
          .setIssuer(provider.issuer)
          .setAudience(CLIENT)
          .setExpirationTime('1h')
          .encode(),
    ],
  ])('one that %s is refused, and the API server is not asked about it', async (_what, make) => {
    const before = tokenReviews();
    expect(await codeOf(await hub.get(STATUS, await make()))).toEqual([401, 'unauthorized']);
    expect(tokenReviews()).toBe(before);
  });

  test('count in a hub without rights of the cluster: each namespace is asked about by itself', async () => {
    const namespaces = ['shop', 'stock'];
    const restricted = await hubWith(
      { groupsClaim: 'groups', groupsPrefix: 'oidc:' },
      { clusterRights: false, namespaces },
    );
    try {
      const from = api.asked.length;
      const token = await provider.sign({ sub: 'jane', groups: ['stock-team'] });
      expect(await namespacesOf(token, restricted)).toEqual(['shop', 'stock']);
      expect(await namespacesOf(await provider.sign({ sub: 'bob' }), restricted)).toEqual([]);
      const reviews = api.asked.slice(from).flatMap(({ path }) => (path.endsWith('reviews') ? path : []));
      const local = (name: string) =>
        `/apis/authorization.k8s.io/v1/namespaces/${name}/localsubjectaccessreviews`;
      expect(reviews.toSorted()).toEqual(
        ['kubeshark', 'kubeshark', 'shop', 'shop', 'stock', 'stock'].map(local),
      );
    } finally {
      await restricted.end();
    }
  });

  test('with claims that name nobody are answered with what is wrong', async () => {
    const answer = await hub.get(STATUS, await provider.sign({ sub: 'jane', groups: [1] }));
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('no list of texts in the claim groups');
  });

  test('others are asked about at the API server, as ever', async () => {
    const before = tokenReviews();
    expect(await namespacesOf(VIEWER)).toBeNull();
    expect(tokenReviews()).toBe(before + 1);
  });

  test('end the lists that were opened with them', async () => {
    const exp = seconds() + 3;
    const token = await provider.sign({ sub: 'jane', exp });
    const socket = new WebSocket(new URL(LIVE_PATH, hub.url), {
      headers: { authorization: `Bearer ${token}` },
    });
    const closed = await new Promise<[number, string]>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('close', (code, reason) => resolve([code, reason.toString()]));
    });
    expect(closed).toEqual([1008, 'session ended']);
    expect(seconds() - exp).toBeOneOf([0, 1]);
  });
});

describe('a browser', () => {
  test('without a session is told where to sign in', async () => {
    const answer = await fetch(hub.url + STATUS);
    expect(await answer.json()).toMatchObject({ error: { signIn: `${PUBLIC}/api/v1/sign-in` } });
  });

  test('that comes under another name is told by which value it is allowed', async () => {
    const { status, text } = await browse(STATUS, { headers: { host: 'sniffer.example.org' } });
    expect(status).toBe(403);
    expect(text).toContain('hub.allowedHosts');
  });

  test('is sent to the issuer with state, nonce and PKCE, of which it keeps a short-lived cookie', async () => {
    const { status, headers } = await browse(`${SIGN_IN}?to=${encodeURIComponent('/?f=http')}`);
    expect([status, headers['cache-control']]).toEqual([302, 'no-store']);
    const location = new URL(headers.location!);
    expect(location.origin + location.pathname).toBe(`${provider.issuer}/auth`);
    expect(Object.fromEntries(location.searchParams)).toEqual({
      client_id: CLIENT,
      response_type: 'code',
      scope: 'openid groups',
      redirect_uri: `${PUBLIC}/api/v1/sign-in/callback`,
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(headers['set-cookie']).toEqual([
      expect.stringMatching(
        /^__Host-kubeshark-80-sign-in=[\w-]+; HttpOnly; SameSite=Lax; Path=\/; Max-Age=600; Secure$/,
      ),
    ]);
    const verifier = Buffer.from(/=([\w-]+)/.exec(headers['set-cookie']![0]!)![1]!, 'base64url').toString();
    expect(headers.location).not.toContain((JSON.parse(verifier) as { verifier: string }).verifier);
  });

  test('that comes back with another state, or without its cookie, is refused and given no session', async () => {
    const begun = await browse(SIGN_IN);
    const cookie = begun.headers['set-cookie']![0]!.split(';')[0]!;
    const state = new URL(begun.headers.location!).searchParams.get('state')!;
    for (const [query, headers] of [
      ['code=a&state=other', { cookie }],
      ['code=a', { cookie }],
      ['code=a&state=other', {}],
      ['code=a&state=other', { cookie: '__Host-kubeshark-80-sign-in=bm90aGluZw' }],
      // As another host of the domain can set it.
      [`code=a&state=${state}`, { cookie: cookie.replace('__Host-', '') }],
    ] as const) {
      const answer = await browse(`${SIGN_IN}/callback?${query}`, { headers });
      expect([answer.status, answer.headers['set-cookie']]).toEqual([400, undefined]);
      expect(answer.text).toContain('This sign-in was not begun in this browser');
    }
  });

  test('is shown what the issuer says as text', async () => {
    const begun = await browse(SIGN_IN);
    const cookie = begun.headers['set-cookie']![0]!.split(';')[0]!;
    const state = new URL(begun.headers.location!).searchParams.get('state')!;
    const said = encodeURIComponent(`<script>alert(1)</script>${'x'.repeat(1_000)}`);
    const query = `error=access_denied&error_description=${said}&state=${state}&iss=${encodeURIComponent(provider.issuer)}`;
    const answer = await browse(`${SIGN_IN}/callback?${query}`, { headers: { cookie } });
    expect([answer.status, answer.headers['content-type']]).toEqual([403, 'text/html; charset=utf-8']);
    expect(answer.text).toContain('did not let you in: access_denied');
    expect(answer.text).not.toContain('<script');
    expect(answer.text.length).toBeLessThan(1_000);
  });

  test('that asks for a scope the issuer does not know is told which value says so', async () => {
    const begun = await browse(SIGN_IN);
    const cookie = begun.headers['set-cookie']![0]!.split(';')[0]!;
    const state = new URL(begun.headers.location!).searchParams.get('state')!;
    const query = `error=invalid_scope&state=${state}&iss=${encodeURIComponent(provider.issuer)}`;
    const answer = await browse(`${SIGN_IN}/callback?${query}`, { headers: { cookie } });
    expect([answer.status, answer.text]).toEqual([403, expect.stringContaining('hub.oidc.scopes')]);
  });

  test.each([
    ['x', 2_300, 2_500],
    // Three bytes each.
    ['€', 700, 1_000],
    // Two characters of JSON.
    ['"', 1_100, 1_300],
  ])('with an address of many %s, which no cookie holds, is told so', async (character, fits, tooLong) => {
    const to = (length: number) => `${SIGN_IN}?to=/${encodeURIComponent(character.repeat(length))}`;
    const cookie = (await browse(to(fits))).headers['set-cookie']![0]!;
    expect(cookie.split(';')[0]!.length).toBeLessThan(4_000);
    const answer = await browse(to(tooLong));
    expect([answer.status, answer.text]).toEqual([400, expect.stringContaining('too long to come back to')]);
  });

  test('has a cookie that lives as long as the token, over https alone; and none after signing out', async () => {
    const token = await provider.sign({ sub: 'jane' });
    const change = { [CSRF_HEADER]: '1' };
    const { status, headers } = await browse('/api/v1/session', {
      method: 'POST',
      headers: { ...change, 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    const cookie = headers['set-cookie']![0]!;
    expect(status).toBe(204);
    expect(cookie).toMatch(
      /^__Host-kubeshark-80=[\w.-]+; HttpOnly; SameSite=Strict; Path=\/; Max-Age=59\d; Secure$/,
    );
    const session = { cookie: cookie.split(';')[0]! };
    expect((await browse(STATUS, { headers: session })).status).toBe(200);
    // As another host of the domain can set it.
    const planted = { cookie: session.cookie.replace('__Host-', '') };
    expect((await browse(STATUS, { headers: planted })).status).toBe(401);
    expect((await browse('/api/v1/session', { method: 'DELETE', headers: session })).status).toBe(403);
    const out = await browse('/api/v1/session', { method: 'DELETE', headers: { ...session, ...change } });
    expect([out.status, out.headers['set-cookie']]).toEqual([
      204,
      [
        'kubeshark-80=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0',
        '__Host-kubeshark-80=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0; Secure',
      ],
    ]);
  });
});

test('a token that came over https is kept in a cookie for https alone, also where nobody signs in at an issuer', async () => {
  const plain = await newHub(
    { cluster: clusterSettings(api.kubeConfig), allowedHosts: ['kubeshark.example.org'] },
    {},
  );
  try {
    const session = async (origin: string) => {
      const { headers } = await browse('/api/v1/session', {
        method: 'POST',
        port: plain.port,
        headers: { [CSRF_HEADER]: '1', 'content-type': 'application/json', origin },
        body: JSON.stringify({ token: VIEWER }),
      });
      return headers['set-cookie']![0]!;
    };
    expect(await session(PUBLIC)).toMatch(/^__Host-.*; Secure$/);
    const headers = { cookie: (await session(PUBLIC)).split(';')[0]! };
    expect((await browse(STATUS, { port: plain.port, headers })).status).toBe(200);
    expect(await session('http://kubeshark.example.org')).toMatch(/^kubeshark-80=.*Max-Age=\d+$/);
  } finally {
    await plain.end();
  }
});

describe('an issuer that', () => {
  const serve = async (answer: RequestListener): Promise<string> => {
    const server = createServer(answer);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    return `http://localhost:${(server.address() as AddressInfo).port}`;
  };
  const hostile = {
    'answers nothing': () => {},
    'answers without end': (_request: unknown, response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"issuer":"');
      for (let n = 0; n < 20; n++) response.write('x'.repeat(10_000));
    },
    'answers drop by drop': (_request: unknown, response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const timer = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(timer));
    },
    fails: (_request: unknown, response: ServerResponse) => {
      response.writeHead(500).end('no');
    },
  };
  test.each(
    Object.entries(hostile),
  )('%s: 503 in words, soon, and never "no such token"', async (how, answer) => {
    const issuer = await serve(answer);
    await hubOf(issuer, async (other) => {
      const began = performance.now();
      const refused = await other.get(STATUS, await provider.sign({ iss: issuer, sub: 'jane' }));
      expect(await codeOf(refused)).toEqual([503, 'issuer_away']);
      const page = await fetch(`${other.url}${SIGN_IN}`);
      expect([page.status, await page.text()]).toEqual([503, expect.stringContaining('cannot be asked')]);
      expect(performance.now() - began).toBeLessThan(3_000);
      const large = how === 'answers without end' ? 2 : 0;
      expect(await (await other.get('/metrics')).text()).toContain(
        `kubeshark_cap_total{limit="issuerBytes"} ${large}\n`,
      );
      // Everybody else goes on.
      expect((await other.get(STATUS, VIEWER)).status).toBe(200);
    });
  });

  test.each([
    ['otherwise', (here: string) => `${here}/realms/a`],
    ['with a slash more', (here: string) => `${here}/`],
    ['with a slash less', (here: string) => here.slice(0, -1)],
  ])('names itself %s: 503, with the name to write', async (how, nameOf) => {
    const here = await serve(({ url }, response) => {
      response.writeHead(url === '/.well-known/openid-configuration' ? 200 : 404, {
        'content-type': 'application/json',
      });
      response.end(JSON.stringify({ issuer: nameOf(issuer) }));
    });
    const issuer = how === 'with a slash less' ? `${here}/` : here;
    await hubOf(issuer, async (other) => {
      const refused = await other.get(STATUS, await provider.sign({ iss: issuer, sub: 'jane' }));
      expect(await codeOf(refused)).toEqual([503, 'issuer_misnamed']);
      const page = await fetch(`${other.url}${SIGN_IN}`);
      const words = expect.stringContaining(`knows as ${issuer} calls itself ${nameOf(issuer)}.`);
      expect([page.status, await page.text()]).toEqual([503, words]);
    });
  });

  test.each<[string, (nonce: string) => Record<string, unknown>, string]>([
    ['answers another sign-in', () => ({ nonce: 'another' }), 'nonce'],
    ['has another clock', (nonce) => ({ nonce, exp: seconds() - 40 }), 'Are the clocks'],
  ])('%s: no session, and what is wrong; not that it is away', async (_how, claims, words) => {
    let nonce = '';
    const issuer = await serve(({ url = '' }, response) => {
      const answer = async () =>
        url === '/token'
          ? {
              access_token: 'secret',
              token_type: 'bearer',
              id_token: await provider.sign({ iss: issuer, sub: 'jane', ...claims(nonce) }),
            }
          : {
              issuer,
              authorization_endpoint: `${issuer}/auth`,
              token_endpoint: `${issuer}/token`,
              jwks_uri: `${issuer}/jwks`,
              keys: [],
              id_token_signing_alg_values_supported: ['RS256'],
            };
      response.writeHead(200, { 'content-type': 'application/json' });
      void answer().then((said) => response.end(JSON.stringify(said)));
    });
    await hubOf(issuer, async ({ port }) => {
      const begun = await browse(SIGN_IN, { port });
      const { searchParams } = new URL(begun.headers.location!);
      nonce = searchParams.get('nonce')!;
      const answer = await browse(`${SIGN_IN}/callback?code=a&state=${searchParams.get('state')}`, {
        port,
        headers: { cookie: begun.headers['set-cookie']![0]!.split(';')[0]! },
      });
      expect([answer.status, answer.headers['set-cookie']]).toEqual([401, undefined]);
      expect(answer.text).toContain(words);
    });
  });

  test('is away for a while is asked again; keys that are known are good meanwhile', async () => {
    let here = false;
    const issuer = await serve((request, response) => {
      if (!here) return void response.writeHead(503).end();
      void fetch(provider.issuer + request.url!).then(async (answer) => {
        response.writeHead(answer.status, { 'content-type': 'application/json' });
        response.end((await answer.text()).replaceAll(provider.issuer, issuer));
      });
    });
    await hubOf(issuer, async (other) => {
      const token = await provider.sign({ iss: issuer, sub: 'jane' });
      expect((await other.get(STATUS, token)).status).toBe(503);
      here = true;
      expect((await other.get(STATUS, token)).status).toBe(200);
      here = false;
      expect((await other.get(STATUS, await provider.sign({ iss: issuer, sub: 'bob' }))).status).toBe(200);
    });
  });
});
