// The issuer's keys change, and where they are: followed, but whoever makes tokens up does not make the hub ask more than once a minute.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JWK } from 'jose';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HUB_LIMITS } from '../../settings.ts';
import { Issuer } from './issuer.ts';

let server: Server;
let url: string;
let keys: JWK[];
let keysPath: string;
let asked: string[];
let down: boolean;
let issuer: Issuer;
let first: CryptoKey;

async function newKey(kid: string): Promise<CryptoKey> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  keys.push({ ...(await exportJWK(publicKey)), kid, alg: 'RS256', use: 'sig' });
  return privateKey;
}

async function nameOf(kid: string, key: CryptoKey): Promise<string | undefined> {
  const token = await new SignJWT({ sub: 'jane' })
    .setProtectedHeader({ alg: 'RS256', kid })
    .setIssuer(url)
    .setAudience('kubeshark')
    .setExpirationTime('1d')
    .sign(key);
  return (await issuer.account(token))?.account.name;
}

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  [keys, keysPath, asked, down] = [[], '/keys', [], false];
  first = await newKey('first');
  server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    const metadata = path === '/.well-known/openid-configuration';
    response.writeHead(!down && (metadata || path === keysPath) ? 200 : 503, {
      'content-type': 'application/json',
    });
    response.end(JSON.stringify(metadata ? { issuer: url, jwks_uri: url + keysPath } : { keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const settings = {
    issuer: url,
    clientId: 'kubeshark',
    clientSecretFile: null,
    url: 'https://kubeshark.example.org',
    usernameClaim: 'sub',
    usernamePrefix: '-',
    groupsClaim: '',
    groupsPrefix: '',
    scopes: [],
  };
  issuer = new Issuer(settings, HUB_LIMITS, pino({ level: 'silent' }));
});
afterEach(() => {
  vi.useRealTimers();
  server.closeAllConnections();
  server.close();
});

test('many at once are known by one reading, and so is everybody for an hour', async () => {
  expect(await Promise.all([1, 2, 3].map(() => nameOf('first', first)))).toEqual(['jane', 'jane', 'jane']);
  vi.advanceTimersByTime(3_500_000);
  expect(await nameOf('first', first)).toBe('jane');
  expect(asked).toEqual(['/.well-known/openid-configuration', '/keys']);
});

test('a new key is found, also at a new address, a minute after they were read at the latest', async () => {
  expect(await nameOf('first', first)).toBe('jane');
  const second = await newKey('second');
  keysPath = '/new-keys';
  expect(await nameOf('second', second)).toBeUndefined();
  vi.advanceTimersByTime(61_000);
  expect(await nameOf('second', second)).toBe('jane');
});

test('tokens with keys that are not there have them read once a minute, whoever many come', async () => {
  expect(await nameOf('first', first)).toBe('jane');
  vi.advanceTimersByTime(61_000);
  asked = [];
  const many = await Promise.all(Array.from({ length: 50 }, (_, i) => nameOf(`made up ${i}`, first)));
  expect(new Set(many)).toEqual(new Set([undefined]));
  expect(asked).toEqual(['/.well-known/openid-configuration', '/keys']);
});

test('a key that was taken back counts for an hour at most', async () => {
  expect(await nameOf('first', first)).toBe('jane');
  keys.shift();
  await newKey('second');
  expect(await nameOf('first', first)).toBe('jane');
  vi.advanceTimersByTime(3_600_000);
  expect(await nameOf('first', first)).toBeUndefined();
});

test('while the issuer is away known keys go on, and what it has not said about others is no refusal', async () => {
  expect(await nameOf('first', first)).toBe('jane');
  vi.advanceTimersByTime(61_000);
  down = true;
  asked = [];
  const second = await newKey('second');
  for (let i = 0; i < 3; i++)
    await expect(nameOf('second', second)).rejects.toMatchObject({ error: { code: 'issuer_away' } });
  expect(asked).toHaveLength(1);
  expect(await nameOf('first', first)).toBe('jane');
  down = false;
  vi.advanceTimersByTime(61_000);
  expect(await nameOf('second', second)).toBe('jane');
});
