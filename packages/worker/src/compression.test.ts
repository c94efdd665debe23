// Batches for a hub on another machine are compressed where that is worth it; on the same machine none is.
import { zstdDecompressSync } from 'node:zlib';
import type { Place } from '@kubeshark/model';
import { decodeBatch } from '@kubeshark/model/schemas';
import { expect, onTestFinished, test } from 'vitest';
import type { AddressInfo } from 'ws';
import { WebSocketServer } from 'ws';
import { buildRecord } from '../../dissect/src/expand/testing.ts';
import { HubLink } from './hub-link.ts';
import { Spool } from './spool.ts';

const PLACE: Place = { worker: 'node-1', interface: 'eth0', source: 'af_packet', addresses: ['10.0.0.1'] };
const ZSTD = 0xfd2fb528;

/** Frames in which a hub at this address of the machine gets two batches: a call with a body of so many bytes each. */
async function framesAt(address: string, bodies: readonly [number, number]): Promise<Buffer[]> {
  const server = new WebSocketServer({ host: address, port: 0 });
  const frames: Buffer[] = [];
  server.on('connection', (socket) =>
    socket.on('message', (data: Buffer, binary) => {
      if (binary) frames.push(data);
      else if ((JSON.parse(data.toString()) as { type: string }).type === 'hello')
        socket.send(
          JSON.stringify({ type: 'welcome', hub: 'hub', version: '0', acknowledged: 0, credit: 1_000_000 }),
        );
    }),
  );
  await new Promise((resolve) => server.once('listening', resolve));
  const spool = new Spool('node-1');
  const link = new HubLink({
    hub: `http://${address}:${(server.address() as AddressInfo).port}`,
    token: () => 'mine',
    boot: 'b0000000',
    worker: 'node-1',
    version: '0',
    source: 'live',
    spool,
    status: () => ({ capturing: [], flows: 0, spoolBytes: 0, memoryBytes: 0, counters: {} }),
  });
  onTestFinished(async () => {
    await link.close(0);
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  link.open();
  for (const [sent, body] of bodies.entries()) {
    spool.add(buildRecord({ protocol: 'http', sections: { responseBody: 'b'.repeat(body) } }), [PLACE]);
    link.pump();
    await expect.poll(() => frames.length).toBe(sent + 1);
  }
  return frames;
}

test('a small batch goes as it is, a larger one compressed', async () => {
  const [small, large] = await framesAt('127.0.0.2', [600, 6_000]);
  expect(decodeBatch(small!)).toMatchObject({ number: 1, count: 1 });
  expect(large!.readUInt32LE(0)).toBe(ZSTD);
  expect(large!.length).toBeLessThan(1_000);
  expect(decodeBatch(zstdDecompressSync(large!))).toMatchObject({ number: 2, count: 1 });
});

test('nothing is compressed for a hub on the same machine', async () => {
  const frames = await framesAt('127.0.0.1', [600, 6_000]);
  expect(frames.map((frame) => decodeBatch(frame).number)).toEqual([1, 2]);
});
