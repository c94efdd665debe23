// A hub that refuses a file for good ends its reading with the hub's reason, instead of waiting for ever.
import { fileURLToPath } from 'node:url';
import { WORKER_PATH } from '@kubeshark/model';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { FileAgent, RefusedByHub } from './file-agent.ts';

const SAMPLE = fileURLToPath(new URL('../../cli/sample/shop.pcap.gz', import.meta.url));

test('refused for good', async () => {
  const hub = new WebSocketServer({ port: 0, host: '127.0.0.1', path: WORKER_PATH });
  onTestFinished(() => hub.close());
  await new Promise((resolve) => hub.once('listening', resolve));
  hub.on('connection', (socket) =>
    socket.on('message', () => {
      socket.send(JSON.stringify({ type: 'refused', reason: 'codec version 9 is not known', fatal: true }));
    }),
  );
  const { port } = hub.address() as { port: number };
  const options = { file: SAMPLE, token: 'token', version: '0', decodeAs: new Map<string, number>() };
  const agent = new FileAgent({ ...options, hub: `http://127.0.0.1:${port}` });
  const error: unknown = await agent.run().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(RefusedByHub);
  expect((error as Error).message).toBe('the hub refused this file: codec version 9 is not known');
  await agent.close();
});
