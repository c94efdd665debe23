// The worker's settings file: what the chart writes is read, and each mistake is named.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readImageSettings } from './image-settings.ts';
import { DEFAULT_RULES } from './redaction.ts';

function read(settings: string | object, env: NodeJS.ProcessEnv = { NODE_NAME: 'node-1' }) {
  const folder = mkdtempSync(join(tmpdir(), 'kubeshark-settings-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'worker.json');
  writeFileSync(file, typeof settings === 'string' ? settings : JSON.stringify(settings));
  return readImageSettings(file, env);
}

const HUB = 'http://kubeshark-hub.kubeshark:8899';

test('with the hub alone the rest is as in a cluster: redaction is on', () => {
  expect(read({ hub: HUB })).toEqual({
    node: 'node-1',
    hub: HUB,
    redaction: DEFAULT_RULES,
    captureFilter: '',
    decodeAs: new Map(),
    spoolBytes: 128_000_000,
    tokenFile: '/var/run/secrets/kubeshark/token',
    logLevel: 'info',
  });
});

test('what is set is taken; header names in any case', () => {
  const settings = read({
    hub: HUB,
    redact: { headers: ['X-Secret'], queryParameters: ['Token'], jsonFields: ['pin'] },
    spoolSize: '64MB',
    decodeAs: ['tcp:9999=http'],
    captureFilter: 'not port 22',
  });
  expect(settings.redaction.headers).toEqual(new Set(['x-secret']));
  expect(settings.redaction.queryParameters).toEqual(new Set(['Token']));
  expect(settings.spoolBytes).toBe(64_000_000);
  expect(settings.decodeAs.get('tcp:9999')).toBeGreaterThan(0);
  expect(settings.captureFilter).toBe('not port 22');
});

test.each([
  ['{', /cannot be read: /],
  [{}, /hub/],
  [{ hub: 'kubeshark-hub:8899' }, /hub/],
  [{ hub: HUB, redcat: {} }, /redcat/],
  [{ hub: HUB, captureFilter: 'port nowhere' }, /captureFilter/],
  [{ hub: HUB, spoolSize: 'much' }, /is no size such as 128MB/],
  [{ hub: HUB, decodeAs: ['http'] }, /is no decode rule/],
])('%j', (settings, message) => {
  expect(() => read(settings)).toThrow(message);
});

test('a file that is not there is named', () => {
  expect(() => readImageSettings('/nowhere/worker.json', {})).toThrow(
    /the settings \/nowhere\/worker.json cannot be read/,
  );
});
