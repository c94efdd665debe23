// At which ports processes listen, as the kernel tells it of this very process.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIMITS } from '@kubeshark/model';
import { expect, onTestFinished, test } from 'vitest';
import { listeners, portsOf } from './listening-ports.ts';

const never = () => expect.unreachable();

async function listen(host: string): Promise<number> {
  const server = createServer((socket) => socket.resume());
  onTestFinished(() => {
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

test.skipIf(process.platform !== 'linux')(
  'ports at which a process listens, over IPv4 and IPv6, and no others',
  async () => {
    const [four, six] = [await listen('127.0.0.1'), await listen('::1')];
    const socket = connect(four, '127.0.0.1');
    onTestFinished(() => {
      socket.destroy();
    });
    await new Promise((resolve) => socket.once('connect', resolve));
    const ports = portsOf('/proc', [process.pid], listeners('/proc/self'), never);
    expect(ports).toEqual(expect.arrayContaining([four, six]));
    expect(ports).not.toContain(socket.localPort);
    expect(ports).toEqual(ports.toSorted((a, b) => a - b));
  },
);

test.skipIf(process.platform !== 'linux')(
  'a process that has no sockets, or has ended, has none of another’s',
  async () => {
    await listen('127.0.0.1');
    const other = spawn('sleep', ['60'], { stdio: 'ignore' });
    onTestFinished(() => {
      other.kill();
    });
    expect(portsOf('/proc', [other.pid!, 2 ** 22 + 1], listeners('/proc/self'), never)).toEqual([]);
  },
);

test('of too many files the rest is not looked at, and that is told', () => {
  const proc = mkdtempSync(join(tmpdir(), 'kubeshark-proc-'));
  onTestFinished(() => rmSync(proc, { recursive: true, force: true }));
  mkdirSync(join(proc, '7/fd'), { recursive: true });
  for (let i = 0; i <= LIMITS.hostPodFiles; i++) symlinkSync(`socket:[${i}]`, join(proc, `7/fd/${i}`));
  const ports = new Map(Array.from({ length: LIMITS.hostPodFiles + 1 }, (_, i) => [`${i}`, i]));
  let told = 0;
  const found = portsOf(proc, [7, 8], ports, () => told++);
  expect([found.length, told]).toEqual([LIMITS.hostPodFiles, 1]);
});
