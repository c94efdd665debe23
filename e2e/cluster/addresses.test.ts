// Names by the time of the call: an address that is used again within seconds; and calls to a node's port, whose addresses are translated on the way.
import type { HubStatus, ListRow } from '@kubeshark/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../support/command.ts';
import { isOwn, nextAddress } from './own-cluster.ts';
import { scriptPod } from './script-pod.ts';
import { apply, cluster, Deployed, kubectl, noCluster } from './support.ts';

const RELEASE = 'a-kubeshark';
const NAMESPACE = 'a-pods';
/** Answers with its own name, each time on a new connection. */
const SERVER = `require('node:http').createServer((request, response) => {
  response.writeHead(200, { connection: 'close' }).end(process.env.HOSTNAME);
}).listen(8080);`;
/** Asks an address again and again, whoever has it. */
const asking = (url: string) => `let n = 0;
setInterval(() => {
  require('node:http').get('${url}?n=' + n++, { agent: false, timeout: 500 }, (response) => response.resume()).on('error', () => {});
}, 50);`;

describe.skipIf(noCluster)('addresses', () => {
  let deployed: Deployed;
  let nodes: string[];

  const start = (name: string, node: string, script: string) => {
    apply([scriptPod(cluster(), { name, namespace: NAMESPACE, node, script })]);
    kubectl('-n', NAMESPACE, 'wait', '--for=condition=Ready', `pod/${name}`, '--timeout=60s');
  };
  const addressOf = (name: string) =>
    kubectl('-n', NAMESPACE, 'get', 'pod', name, '-o', 'jsonpath={.status.podIP}');
  const end = (name: string) =>
    kubectl('-n', NAMESPACE, 'delete', 'pod', name, '--grace-period=0', '--force');
  const captured = async (name: string) => {
    await deployed.target({ namespaces: [NAMESPACE], pods: `^${name}$` });
    await until(`${name} is captured`, async () => {
      const { cluster } = await deployed.ask<HubStatus>('/status');
      return cluster?.targets === 1 && cluster.captured === 1;
    });
  };

  beforeAll(async () => {
    nodes = kubectl('get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}').split(' ');
    apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }]);
    deployed = new Deployed(RELEASE, '-n', NAMESPACE);
    await deployed.page();
  });
  afterAll(async () => {
    await deployed.interrupt();
    kubectl('delete', 'namespace', NAMESPACE, '--wait=false');
  });

  test.skipIf(!isOwn)(
    'one that is used again within seconds: each call has the name of the pod that answered it',
    async () => {
      const node = nodes[1]!;
      start('first', node, SERVER);
      const address = addressOf('first');
      start('caller', nodes[0]!, asking(`http://${address}:8080/reused`));
      // The caller alone: at its end nothing but the address says who the other is.
      await captured('caller');
      const answeredBy = (pod: string) =>
        deployed.rows(`http && path == "/reused" && response.body == "${pod}"`);
      await until('calls to the first', async () => (await answeredBy('first')).length > 40);
      end('first');
      await nextAddress(node, address);
      const gone = performance.now();
      start('second', node, SERVER);
      expect(addressOf('second')).toBe(address);
      console.log(`the address is used again after ${((performance.now() - gone) / 1_000).toFixed(1)} s`);
      await until('calls to the second', async () => (await answeredBy('second')).length > 40);
      for (const pod of ['first', 'second']) {
        const named = (await answeredBy(pod)).map(({ dst }) => dst.pod?.name);
        expect(named.filter((name) => name !== pod)).toEqual([]);
      }
      for (const pod of ['caller', 'second']) end(pod);
    },
  );

  test('a node’s port, by the node on which no such pod runs: one row, and the client is who it was', async () => {
    start('server', nodes[0]!, SERVER);
    apply([
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'server', namespace: NAMESPACE },
        spec: { type: 'NodePort', selector: { app: 'server' }, ports: [{ port: 80, targetPort: 8080 }] },
      },
    ]);
    const port = kubectl(
      '-n',
      NAMESPACE,
      'get',
      'service',
      'server',
      '-o',
      'jsonpath={.spec.ports[0].nodePort}',
    );
    const addresses = kubectl(
      'get',
      'node',
      nodes[1]!,
      '-o',
      'jsonpath={.status.addresses[?(@.type=="InternalIP")].address}',
    );
    const url = `http://${addresses.split(' ')[0]}:${port}`;
    await deployed.target({ namespaces: [NAMESPACE] });
    start('client', nodes[0]!, asking(`${url}/inside`));
    await until('server and client are captured', async () => {
      const { cluster } = await deployed.ask<HubStatus>('/status');
      return cluster?.targets === 2 && cluster.captured === 2;
    });

    const both = async () =>
      (await deployed.rows('http && path == "/inside" && outcome == "ok"')).filter(
        (row) => row.sightings === 2,
      );
    await until('calls from a pod', async () => (await both()).length > 40);
    end('client');
    expect(distinct(await both(), ends)).toEqual([
      {
        src: 'client',
        srcNode: nodes[0],
        dst: 'server',
        dstNode: nodes[0],
        service: 'server',
      },
    ]);
    const rows = await deployed.rows('http && path == "/inside" && outcome == "ok"');
    expect(new Set(rows.map(({ target }) => target)).size).toBe(rows.length);

    // From outside all that is left of the caller at the pod is the node that passed it on.
    for (let n = 0; n < 20; n++) expect(await (await fetch(`${url}/outside?n=${n}`)).text()).toBe('server');
    const outside = () => deployed.rows('http && path == "/outside"');
    await until('calls from outside', async () => (await outside()).length >= 20);
    const told = await outside();
    expect(told).toHaveLength(20);
    expect(distinct(told, ends)).toEqual([
      { src: nodes[1], srcNode: nodes[1], dst: 'server', dstNode: nodes[0], service: 'server' },
    ]);
  });
});

function ends({ src, dst }: ListRow) {
  return {
    src: src.pod?.name ?? src.name,
    srcNode: src.node?.name,
    dst: dst.pod?.name,
    dstNode: dst.node?.name,
    service: dst.service?.name,
  };
}

function distinct<T>(rows: readonly ListRow[], of: (row: ListRow) => T): T[] {
  return [...new Map(rows.map((row) => [JSON.stringify(of(row)), of(row)])).values()];
}
