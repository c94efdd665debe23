// An issuer whose certificate a company's own authority has signed is trusted where Node is told of the authority, as in the chart.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:https';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'kubeshark-authority-'));
const file = (name: string) => join(folder, name);
let server: Server;
let issuer: string;

const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });

beforeAll(async () => {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-subj',
    '/CN=The company',
    '-days',
    '2',
  );
  openssl('req', ...key, '-keyout', 'id.key', '-out', 'id.csr', '-subj', '/CN=localhost');
  writeFileSync(file('names'), 'subjectAltName=DNS:localhost');
  openssl(
    ...'x509 -req -in id.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out id.crt -days 2 -extfile names'.split(
      ' ',
    ),
  );
  server = createServer(
    { key: readFileSync(file('id.key')), cert: readFileSync(file('id.crt')) },
    (_request, response) => {
      const at = (path: string) => `${issuer}/${path}`;
      response.writeHead(200, { 'content-type': 'application/json' }).end(
        JSON.stringify({
          issuer,
          authorization_endpoint: at('auth'),
          token_endpoint: at('token'),
          jwks_uri: at('jwks'),
          keys: [],
        }),
      );
    },
  );
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  issuer = `https://localhost:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

/** Where a hub that was started so sends browsers, or what it says instead, with what it logs. */
async function begun(environment: Record<string, string>): Promise<string> {
  const program = `
    import { Issuer } from ${JSON.stringify(new URL('issuer.ts', import.meta.url).href)};
    const settings = { issuer: '${issuer}', clientId: 'a', clientSecretFile: null, url: 'https://hub.example.org', scopes: [] };
    const log = { warn: ({ cause }) => console.log(cause) };
    new Issuer(settings, { issuerBytes: 1e6, issuerMs: 5e3 }, log).begin().then(
      ({ location }) => console.log(location.origin + location.pathname),
      ({ error }) => console.log(error.code),
    );`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', program],
    { env: { ...process.env, ...environment } },
  );
  return stdout;
}

test('with the authority', async () => {
  expect(await begun({ NODE_EXTRA_CA_CERTS: file('ca.crt') })).toBe(`${issuer}/auth\n`);
});

test('without it the log says that the certificate is not known', async () => {
  expect(await begun({})).toMatch(/^unable to verify the first certificate.*\nissuer_away\n$/);
});
