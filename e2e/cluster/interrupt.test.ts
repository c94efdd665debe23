// Ctrl-C at any step of `deploy` ends it, and the cluster is as it was before.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { until } from '../support/command.ts';
import { Deployed, kubectl, noCluster, traces } from './support.ts';

const RELEASE = 'i-kubeshark';

describe.skipIf(noCluster)('Ctrl-C', () => {
  const before = noCluster ? [] : traces(RELEASE);

  test.each([
    ['while the cluster is asked', null, 300],
    ['when the pods are known', /will be captured/, 0],
    ['while objects are applied', /will be captured/, 150],
    ['in the midst of it', /will be captured/, 600],
    ['while the hub starts', /objects applied/, 0],
    ['while the hub starts, later', /objects applied/, 2_000],
    ['while workers start', /the hub is ready/, 0],
    ['with the page open', /the page: /, 0],
  ])('%s', async (_step, said, ms) => {
    const deployed = new Deployed(RELEASE, '-n', 'kube-system');
    if (said !== null) await deployed.running.says(said, 90_000);
    await sleep(ms);
    const code = await deployed.interrupt();
    const opened = deployed.running.text.includes('the page: ');
    expect([code, deployed.running.text]).toEqual([opened ? 0 : 130, deployed.running.text]);
    expect(deployed.running.text).not.toContain('an error that should not happen');
    expect(deployed.running.text).not.toContain('✗');
    expect(traces(RELEASE)).toEqual(before);
  });

  test('deploy again, while it is being taken away: it waits until it is gone', async () => {
    const first = new Deployed(RELEASE, '-n', 'kube-system');
    await first.page();
    const ended = first.interrupt();
    const phase = () => kubectl('get', 'namespace', RELEASE, '-o', 'jsonpath={.status.phase}');
    await until('it is being removed', () => phase() === 'Terminating');
    const second = new Deployed(RELEASE, '-n', 'kube-system');
    await second.running.says(/Ctrl-C removes everything again/, 120_000);
    expect(second.running.text).toContain(`namespace ${RELEASE} was being removed, and is gone`);
    expect([await ended, await second.interrupt()]).toEqual([0, 0]);
    expect(traces(RELEASE)).toEqual(before);
  });
});
