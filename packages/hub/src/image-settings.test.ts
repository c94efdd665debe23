import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readImageSettings } from './image-settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'kubeshark-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

function read(json: unknown, env: NodeJS.ProcessEnv = { POD_NAMESPACE: 'watched' }) {
  const file = join(folder, 'hub.json');
  writeFileSync(file, typeof json === 'string' ? json : JSON.stringify(json));
  return readImageSettings(file, env);
}

test('an empty file is the defaults, in the namespace of the pod', () => {
  expect(read({})).toEqual({
    port: 8899,
    dataFolder: '/data',
    retention: { size: 10e9, age: 604_800_000 },
    allowedHosts: [
      'kubeshark-hub',
      'kubeshark-hub.watched',
      'kubeshark-hub.watched.svc',
      'kubeshark-hub.watched.svc.cluster.local',
    ],
    logLevel: 'info',
    cluster: {
      namespace: 'watched',
      namespaces: null,
      clusterRights: true,
      targetsConfigMap: 'kubeshark-targets',
      audience: 'kubeshark-hub',
      workerAccount: 'kubeshark-worker',
      oidc: null,
    },
  });
});

test('sizes and times are written as on the command line', () => {
  expect(read({ retention: { size: '500MB', age: '12h' } }).retention).toEqual({
    size: 5e8,
    age: 43_200_000,
  });
  expect(() => read({ retention: { size: 'a lot' } })).toThrow(
    /"a lot" cannot be read; write for example 10GB/,
  );
});

test('what cannot be understood is said, with where it stands', () => {
  expect(() => read({ retentoin: {} })).toThrow(/hub\.json do not hold: .*retentoin/s);
  expect(() => read({ port: '8899' })).toThrow(/→ at port/);
  expect(() => read('{')).toThrow(/hub\.json cannot be read: .*JSON/);
  expect(() => read({ namespaces: [''] })).toThrow(/→ at namespaces/);
  expect(() => read({ clusterRights: false })).toThrow(/it takes namespaces/);
  expect(() => read({}, {})).toThrow(/POD_NAMESPACE is not set/);
});

test('names of an Ingress come before those of the Service', () => {
  expect(read({ allowedHosts: ['traffic.example.org'] }).allowedHosts.slice(0, 2)).toEqual([
    'traffic.example.org',
    'kubeshark-hub',
  ]);
});

test('no namespace named is all of them', () => {
  expect(read({ namespaces: [] }).cluster.namespaces).toBeNull();
  expect(read({ namespaces: ['shop'] }).cluster.namespaces).toEqual(['shop']);
});

const OIDC = {
  issuer: 'https://id.example.org/realms/a',
  clientId: 'kubeshark',
  url: 'https://kubeshark.example.org/',
};

test('an issuer at which users sign in: none without its address, else whole', () => {
  expect(read({ oidc: { clientId: 'kubeshark', secretName: 'oidc' } }).cluster.oidc).toBeNull();
  const { allowedHosts, cluster } = read({ oidc: { ...OIDC, secretName: 'oidc', scopes: ['groups'] } });
  expect(cluster.oidc).toEqual({
    ...OIDC,
    clientSecretFile: '/etc/kubeshark-oidc/client-secret',
    usernameClaim: 'sub',
    usernamePrefix: '',
    groupsClaim: '',
    groupsPrefix: '',
    scopes: ['groups'],
  });
  expect(allowedHosts[0]).toBe('kubeshark.example.org');
  expect(read({ oidc: OIDC }).cluster.oidc?.clientSecretFile).toBeNull();
});

test.each([
  [{ issuer: 'http://id.example.org' }, /no https address of an issuer\n\s*→ at oidc\.issuer/],
  [{ issuer: 'id.example.org' }, /→ at oidc\.issuer/],
  [{ clientId: '' }, /→ at oidc\.clientId/],
  [{ url: '' }, /→ at oidc\.url/],
  [{ url: 'https://kubeshark.example.org/traffic' }, /without a path\n\s*→ at oidc\.url/],
  [{ url: 'javascript:alert(1)' }, /→ at oidc\.url/],
])('of an issuer %j is refused, with where it stands', (changed, words) => {
  expect(() => read({ oidc: { ...OIDC, ...changed } })).toThrow(words);
});
