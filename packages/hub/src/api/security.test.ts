// Who is let in: tokens and cookies, names the hub is reached under, pages that ask, and what every answer forbids the browser.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { API_PREFIX, CSRF_HEADER, LIVE_PATH, WORKER_PATH } from '@kubeshark/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestHub } from '../testing.ts';
import { newHub, SHOP, USER, WORKER } from '../testing.ts';

const STATUS = `${API_PREFIX}/status`;
const SESSION = `${API_PREFIX}/session`;

let hub: TestHub;
let webRoot: string;

beforeAll(async () => {
  webRoot = mkdtempSync(join(tmpdir(), 'kubeshark-page-'));
  mkdirSync(join(webRoot, 'assets'));
  writeFileSync(join(webRoot, 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(webRoot, 'assets', 'main-abc123.js'), 'export {};');
  hub = await newHub({ webRoot, allowedHosts: ['sniffer.example.org'] });
});

afterAll(async () => {
  await hub.end();
  rmSync(webRoot, { recursive: true, force: true });
});

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** As `fetch`, which does not let its caller say `Host` and `Origin`. */
function ask(path: string, headers: Record<string, string> = {}, body?: unknown): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const request = http.request({
      host: '127.0.0.1',
      port: hub.port,
      path,
      method,
      headers: { ...type, ...headers },
    });
    request.on('error', reject);
    request.on('upgrade', ({ headers }, socket) => {
      socket.destroy();
      resolve({ status: 101, headers, text: '' });
    });
    request.on('response', (response) => {
      let text = '';
      response.on('data', (part: Buffer) => {
        text += part.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, text }));
    });
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const UPGRADE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
};
const codeOf = ({ text }: Answer): string => (JSON.parse(text) as { error: { code: string } }).error.code;

/** The cookie that the token is exchanged for. */
async function cookieFor(token: string): Promise<string> {
  const { status, headers } = await ask(SESSION, { [CSRF_HEADER]: '1' }, { token });
  expect(status).toBe(204);
  return headers['set-cookie']![0]!;
}

describe('tokens', () => {
  test('nothing is answered without one, nor with one of nobody, nor with that of workers', async () => {
    for (const headers of [
      {},
      bearer('x'),
      bearer(''),
      bearer(WORKER),
      bearer(`${USER}x`),
      { cookie: 'kubeshark=x' },
    ])
      for (const path of [STATUS, `${API_PREFIX}/entries`, `${API_PREFIX}/openapi.json`]) {
        const answer = await ask(path, headers);
        expect([answer.status, codeOf(answer)]).toEqual([401, 'unauthorized']);
      }
    expect((await ask(STATUS, bearer(USER))).status).toBe(200);
  });

  test('one is exchanged for a cookie that scripts and other sites cannot use, and that is not the token', async () => {
    const cookie = await cookieFor(USER);
    expect(cookie).toMatch(/^kubeshark-\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=2592000$/);
    const [pair = ''] = cookie.split(';');
    expect(pair).toContain(`kubeshark-${hub.port}=`);
    expect((await ask(STATUS, { cookie: `other=1; ${pair}` })).status).toBe(200);
    expect((await ask(STATUS, { cookie: `${pair}x` })).status).toBe(401);
    expect((await ask(STATUS, bearer(pair.split('=')[1]!))).status).toBe(401);
  });

  test('a cookie shows what its token shows', async () => {
    const [cookie = ''] = (await cookieFor(SHOP)).split(';');
    expect(JSON.parse((await ask(STATUS, { cookie })).text)).toMatchObject({ restrictedTo: ['shop'] });
  });

  test('a token of nobody, or a text that is none, makes no session', async () => {
    for (const [body, status] of [
      [{ token: 'x' }, 401],
      [{ token: WORKER }, 401],
      [{ token: 5 }, 400],
      [{}, 400],
      [null, 400],
    ] as const) {
      const answer = await ask(SESSION, { [CSRF_HEADER]: '1' }, body);
      expect(answer.status).toBe(status);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    const large = await ask(SESSION, { [CSRF_HEADER]: '1' }, { token: 'x'.repeat(100_000) });
    expect(large.status).toBe(413);
  });
});

describe('names and origins', () => {
  test('localhost, addresses and allowed names reach it', async () => {
    for (const host of [
      'localhost',
      'LOCALHOST:1',
      'a.localhost',
      '127.0.0.1:80',
      '[::1]:8899',
      '10.1.2.3',
      'sniffer.example.org',
    ])
      expect((await ask(STATUS, { host, ...bearer(USER) })).status).toBe(200);
  });

  test('any other name is that of another site that was made to point here', async () => {
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      'localhost@evil.example',
      'sniffer.example.org.evil.example',
      '127.0.0.1.evil.example',
      'a b',
    ])
      for (const path of ['/', STATUS, '/metrics']) {
        const answer = await ask(path, { host, ...bearer(USER) });
        expect([answer.status, codeOf(answer)]).toEqual([403, 'bad_host']);
      }
  });

  test('a session is not opened from another site, nor without the header that makes a browser ask first', async () => {
    const token = { token: USER };
    const host = `localhost:${hub.port}`;
    const from = (origin: string) => ({ host, origin, [CSRF_HEADER]: '1' });
    for (const headers of [
      { host },
      from('https://evil.example'),
      from('http://localhost:1'),
      from('null'),
    ]) {
      const answer = await ask(SESSION, headers, token);
      expect([answer.status, codeOf(answer)]).toEqual([403, 'cross_site']);
    }
    expect((await ask(SESSION, from(`http://${host}`), token)).status).toBe(204);
  });

  test('another site learns nothing about what it may ask', async () => {
    const { headers } = await ask(STATUS, { origin: 'https://evil.example', ...bearer(USER) });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('WebSockets', () => {
  const upgrade = (path: string, headers: Record<string, string>) => ask(path, { ...UPGRADE, ...headers });

  test('a list needs a token or a cookie, a known name and the page of this hub', async () => {
    const [cookie = ''] = (await cookieFor(USER)).split(';');
    const host = `localhost:${hub.port}`;
    const own = { host, origin: `http://${host}` };
    expect((await upgrade(LIVE_PATH, { ...own, cookie })).status).toBe(101);
    expect((await upgrade(LIVE_PATH, bearer(USER))).status).toBe(101);
    expect((await upgrade(LIVE_PATH, own)).status).toBe(401);
    expect((await upgrade(LIVE_PATH, bearer(WORKER))).status).toBe(401);
    expect((await upgrade(LIVE_PATH, { host, cookie, origin: 'http://localhost:1' })).status).toBe(403);
    expect((await upgrade(LIVE_PATH, { host, cookie, origin: 'null' })).status).toBe(403);
    const evil = { host: 'evil.example', origin: 'http://evil.example' };
    expect((await upgrade(LIVE_PATH, { ...evil, cookie })).status).toBe(403);
  });

  test('workers have a token of their own, and may dial by any name', async () => {
    expect((await upgrade(WORKER_PATH, bearer(WORKER))).status).toBe(101);
    expect((await upgrade(WORKER_PATH, { host: 'build-server:8899', ...bearer(WORKER) })).status).toBe(101);
    expect((await upgrade(WORKER_PATH, bearer(USER))).status).toBe(401);
    expect((await upgrade(WORKER_PATH, {})).status).toBe(401);
    expect((await upgrade('/', bearer(WORKER))).status).toBe(404);
  });
});

describe('the page', () => {
  test('runs its own scripts only, in no frame, and tells no other site where it was', async () => {
    for (const path of ['/', '/assets/main-abc123.js', '/nothing.js', STATUS]) {
      const { headers } = await ask(path);
      const policy = headers['content-security-policy'];
      expect(policy).toContain("default-src 'none'; script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
    }
  });

  test('is given for its views; built files are kept for ever, the page itself is asked for again', async () => {
    for (const path of ['/', '/?q=http', '/some/view']) {
      const { status, headers, text } = await ask(path);
      expect([status, headers['cache-control']]).toEqual([200, 'no-cache']);
      expect(text).toContain('<title>page</title>');
    }
    const { headers } = await ask('/assets/main-abc123.js');
    expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(headers['content-type']).toMatch(/javascript/);
  });

  test('nothing outside its folder is given, and what is not there is not the page', async () => {
    for (const path of [
      '/../../etc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/assets/../../x',
      '/assets/none.js',
      '/api/v1/none',
    ])
      expect((await ask(path)).status).toBeGreaterThanOrEqual(400);
  });

  test('answers of the API are kept nowhere', async () => {
    expect((await ask(STATUS, bearer(USER))).headers['cache-control']).toBe('no-store');
  });
});
