// Without a right of the whole cluster: tokens are judged by the API server's keys, rights are asked about in one namespace.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { CryptoKey, JWK } from 'jose';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NamespaceAuthority } from './namespace-authority.ts';
import { kubeConfigOf } from './testing-api.ts';

const ISSUER = 'https://kubernetes.default.svc';
const ALICE = 'system:serviceaccount:shop:alice';

let server: Server;
let keys: JWK[];
let asked: string[];
let down: boolean;
let authority: NamespaceAuthority;
let key: CryptoKey;

async function newKey(kid: string): Promise<CryptoKey> {
  const pair = await generateKeyPair('RS256');
  keys.push({ ...(await exportJWK(pair.publicKey)), kid, alg: 'RS256', use: 'sig' });
  return pair.privateKey;
}

async function answer({ url = '', headers, method }: IncomingMessage, body: string) {
  asked.push(`${method} ${url}`);
  if (url === '/.well-known/openid-configuration') return { issuer: ISSUER };
  // The API server gives them as this alone.
  if (url === '/openid/v1/jwks')
    return headers.accept?.includes('application/jwk-set+json') ? { keys } : null;
  const { spec } = JSON.parse(body) as { spec: { user: string; resourceAttributes: { namespace: string } } };
  return { spec, status: { allowed: spec.user === ALICE && spec.resourceAttributes.namespace === 'shop' } };
}

beforeEach(async () => {
  [keys, asked, down] = [[], [], false];
  key = await newKey('first');
  server = createServer((request, response) => {
    void text(request).then(async (body) => {
      const found = down ? null : await answer(request, body);
      response
        .writeHead(found ? 200 : 406, { 'content-type': 'application/json' })
        .end(JSON.stringify(found));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  authority = new NamespaceAuthority(
    kubeConfigOf((server.address() as AddressInfo).port),
    'kubeshark-hub',
    5_000,
  );
});
afterEach(() => {
  vi.useRealTimers();
  server.close();
});

interface Parts {
  kid?: string;
  by?: CryptoKey;
  issuer?: string;
  audience?: string;
  subject?: string;
  expires?: string;
  notBefore?: number;
  claims?: object;
}

async function token(parts: Parts = {}): Promise<string> {
  const { kid = 'first', by = key, issuer = ISSUER, audience = 'kubeshark-hub', subject = ALICE } = parts;
  const claims = { namespace: 'shop', serviceaccount: { name: 'alice', uid: 'u1' }, ...parts.claims };
  return await new SignJWT({ 'kubernetes.io': claims })
    .setProtectedHeader({ alg: 'RS256', kid })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(subject)
    .setNotBefore(parts.notBefore ?? '0s')
    .setExpirationTime(parts.expires ?? '1h')
    .sign(by);
}

test('a token of the API server says who it is for, as a review of it would', async () => {
  const pod = { name: 'worker-1', uid: 'p1' };
  expect(await authority.account(await token({ claims: { pod } }))).toEqual({
    name: ALICE,
    uid: 'u1',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:shop', 'system:authenticated'],
    extra: {
      'authentication.kubernetes.io/pod-name': ['worker-1'],
      'authentication.kubernetes.io/pod-uid': ['p1'],
    },
  });
});

test.each<[string, Parts]>([
  ['another audience', { audience: 'https://kubernetes.default.svc' }],
  ['another issuer', { issuer: 'https://evil.example' }],
  ['its time over', { expires: '-1m' }],
  ['another subject than its claims', { subject: 'system:serviceaccount:kube-system:admin' }],
  ['the name of a user', { subject: 'system:admin' }],
])('a token with %s is nobody’s', async (_what, parts) => {
  expect(await authority.account(await token(parts))).toBeNull();
});

test('signed by another, by a shared secret, by nothing, or no token at all: nobody’s', async () => {
  const { privateKey } = await generateKeyPair('RS256');
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const [, payload] = (await token()).split('.');
  const secret = await new SignJWT({})
    .setProtectedHeader({ alg: 'HS256', kid: 'first' })
    .sign(Buffer.from(keys[0]!.n!));
  for (const forged of [
    await token({ by: privateKey }),
    await token({ by: privateKey, kid: 'unknown' }),
    secret,
    `${part({ alg: 'none' })}.${payload}.`,
    'no token',
    '',
  ])
    expect(await authority.account(forged)).toBeNull();
});

test('keys are asked for once; a new one is found, and one that was taken back counts for ten minutes at most', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  for (let i = 0; i < 3; i++) expect(await authority.account(await token())).not.toBeNull();
  expect(asked).toHaveLength(2);
  const second = await newKey('second');
  expect(await authority.account(await token({ kid: 'second', by: second }))).toBeNull();
  vi.advanceTimersByTime(11_000);
  expect(await authority.account(await token({ kid: 'second', by: second }))).toMatchObject({ name: ALICE });
  keys.shift();
  expect(await authority.account(await token())).not.toBeNull();
  vi.advanceTimersByTime(600_000);
  expect(await authority.account(await token())).toBeNull();
});

test('a token that was made a moment ago by a clock that is ahead counts', async () => {
  const ahead = (seconds: number) => token({ notBefore: Math.floor(Date.now() / 1_000) + seconds });
  expect(await authority.account(await ahead(20))).toMatchObject({ name: ALICE });
  expect(await authority.account(await ahead(40))).toBeNull();
});

test('who makes the hub look for a key that is not there, while it cannot, takes no known one away', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  expect(await authority.account(await token())).toMatchObject({ name: ALICE });
  vi.advanceTimersByTime(11_000);
  down = true;
  await expect(authority.account(await token({ kid: 'unknown' }))).rejects.toThrow('HTTP status 406');
  expect(await authority.account(await token())).toMatchObject({ name: ALICE });
});

test('keys that cannot be read are no word about a token, and are asked for again', async () => {
  down = true;
  await expect(authority.account(await token())).rejects.toThrow('HTTP status 406');
  down = false;
  expect(await authority.account(await token())).toMatchObject({ name: ALICE });
});

test('a right is asked about in its namespace; about all at once nobody is asked', async () => {
  const alice = (await authority.account(await token()))!;
  asked = [];
  const readLogs = { verb: 'get', resource: 'pods', subresource: 'log' };
  expect(await authority.may(alice, { ...readLogs, namespace: 'shop' })).toBe(true);
  expect(await authority.may(alice, { ...readLogs, namespace: 'data' })).toBe(false);
  expect(await authority.may(alice, { ...readLogs, namespace: '' })).toBe(false);
  expect(asked).toEqual(
    ['shop', 'data'].map(
      (namespace) => `POST /apis/authorization.k8s.io/v1/namespaces/${namespace}/localsubjectaccessreviews`,
    ),
  );
});
