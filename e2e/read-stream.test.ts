// `kubeshark read -` on a pipe that is still written to, as from tcpdump: rows come as calls end, time goes on while nothing comes, Ctrl-C prints the rest.
import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import type { Entry } from '@kubeshark/model';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { message } from '../packages/dissect/src/protocols/dns/testing.ts';
import { ethernet, ipv4, segment, udp } from '../packages/dissect/src/testing.ts';
import { LAUNCHER, until } from './support/command.ts';
import { childrenOf } from './support/processes.ts';

const CLIENT = '10.0.0.1';
const SERVER = '10.0.0.2';
const TCP = 6;
const UDP = 17;

const HEAD = Buffer.alloc(24);
HEAD.writeUInt32LE(0xa1b2c3d4, 0);
HEAD.writeUInt16LE(2, 4);
HEAD.writeUInt16LE(4, 6);
HEAD.writeUInt32LE(262_144, 16);
HEAD.writeUInt32LE(1, 20);

/** A packet in a pcap file, stamped `ageMs` ago. */
function packet(frame: Buffer, ageMs = 0): Buffer {
  const stamp = Date.now() - ageMs;
  const head = Buffer.alloc(16);
  head.writeUInt32LE(Math.floor(stamp / 1_000), 0);
  head.writeUInt32LE((stamp % 1_000) * 1_000, 4);
  head.writeUInt32LE(frame.length, 8);
  head.writeUInt32LE(frame.length, 12);
  return Buffer.concat([head, frame]);
}

function question(name: string, id: number): Buffer {
  const asked = message({ id, questions: [[name, 1]] });
  return ethernet(ipv4(CLIENT, SERVER, UDP, udp(40_000, 53, asked)));
}

function answer(name: string, id: number): Buffer {
  const answered = message({ id, response: true, rcode: 3, questions: [[name, 1]] });
  return ethernet(ipv4(SERVER, CLIENT, UDP, udp(53, 40_000, answered)));
}

const request = (path: string) =>
  ethernet(
    ipv4(
      CLIENT,
      SERVER,
      TCP,
      segment(41_000, 80, { flags: 'PA', seq: 1, ack: 1 }, `GET ${path} HTTP/1.1\r\nHost: shop\r\n\r\n`),
    ),
  );

class Reader {
  readonly child: ChildProcessByStdio<Writable | null, Readable, Readable>;
  stdout = '';
  stderr = '';
  readonly code: Promise<number | null>;

  constructor(args: string[], stdin: 'pipe' | 'ignore' = 'pipe') {
    this.child = spawn(process.execPath, [LAUNCHER, 'read', ...args], {
      stdio: [stdin, 'pipe', 'pipe'],
    }) as typeof this.child;
    this.child.stdin?.on('error', () => {});
    this.child.stdout.on('data', (part: Buffer) => (this.stdout += String(part)));
    this.child.stderr.on('data', (part: Buffer) => (this.stderr += String(part)));
    this.code = new Promise((resolve) => this.child.on('close', resolve));
    readers.push(this);
  }

  write(...parts: Buffer[]): void {
    this.child.stdin!.write(Buffer.concat(parts));
  }
}

const readers: Reader[] = [];
afterEach(async () => {
  for (const { child, code } of readers.splice(0)) {
    child.kill('SIGKILL');
    await code;
  }
});

/** Of whole lines. */
const targets = ({ stdout }: Reader) =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as Entry).target);

/** Node catches SIGINT and SIGTERM by itself; this one only who wants to. */
const SIGHUP_BIT = 1n;

/** Until it minds signals: before, they just end it. */
async function minding({ child }: Reader): Promise<void> {
  await until('it minds signals', () =>
    childrenOf(child.pid!, 'main.ts').some((pid) => {
      const caught = /^SigCgt:\s*(\w+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1];
      return (BigInt(`0x${caught}`) & SIGHUP_BIT) !== 0n;
    }),
  );
}

test('a row comes when its call ends, though the pipe has given less than a block of anything; Ctrl-C ends it with the summary', async () => {
  const reader = new Reader(['-', '-o', 'ndjson']);
  reader.write(HEAD, packet(question('a.example', 1)), packet(answer('a.example', 1)));
  await until('the first row', () => targets(reader).length === 1);
  reader.write(packet(question('b.example', 2)), packet(answer('b.example', 2)));
  await until('the second row', () => targets(reader).length === 2);
  reader.write(packet(request('/unanswered')));
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(targets(reader)).toEqual(['a.example', 'b.example']);
  reader.child.kill('SIGINT');
  expect(await reader.code).toBe(130);
  expect(targets(reader)).toEqual(['a.example', 'b.example', '/unanswered']);
  expect(reader.stderr).toMatch(/^kubeshark: 5 packets, 2 flows, 3 entries, 0 gaps\n/);
  expect(reader.stderr).not.toContain('cut short');
});

test('a question without an answer is a row once its time is over, though nothing more comes; in an old capture it stays open', async () => {
  const live = new Reader(['-', '-o', 'ndjson']);
  live.write(HEAD, packet(question('nobody.example', 1)));
  const old = new Reader(['-', '-o', 'ndjson']);
  old.write(HEAD, packet(question('nobody.example', 1), 7_200_000));
  const begun = Date.now();
  await until('the row', () => live.stdout.includes('"outcome":"no_response"'), 25_000);
  expect(Date.now() - begun).toBeGreaterThan(10_000);
  expect(old.stdout).toBe('');
  old.write(packet(answer('nobody.example', 1), 7_199_000));
  await until('the answer is its own', () => old.stdout.includes('"status":"NXDOMAIN"'));
});

test('what is kept for the end is printed at the end: HAR is whole after SIGTERM, sorted rows too', async () => {
  const har = new Reader(['-', '-o', 'har']);
  const sorted = new Reader(['-', '-o', 'ndjson', '--sort', 'timestamp']);
  for (const reader of [har, sorted]) {
    reader.write(HEAD, packet(request('/first'), 10), packet(question('a.example', 1), 5));
    reader.write(packet(answer('a.example', 1)));
    await minding(reader);
    reader.child.kill('SIGTERM');
    expect(await reader.code).toBe(143);
  }
  const { log } = JSON.parse(har.stdout) as { log: { entries: { request: { url: string } }[] } };
  expect(log.entries.map(({ request: { url } }) => url)).toEqual(['http://shop/first']);
  expect(targets(sorted)).toEqual(['/first', 'a.example']);
});

test('a named pipe is read like stdin', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubeshark-pipe-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const reader = new Reader([pipe, '-o', 'ndjson'], 'ignore');
  const writer = openSync(pipe, 'r+');
  writeSync(writer, Buffer.concat([HEAD, packet(question('a', 1)), packet(answer('a', 1))]));
  await until('the row', () => targets(reader).length === 1);
  reader.child.kill('SIGINT');
  expect(await reader.code).toBe(130);
  expect(reader.stderr).toContain('2 packets, 1 flow, 1 entry');
});

test('Ctrl-C before anything came is no error', async () => {
  const reader = new Reader(['-']);
  await minding(reader);
  reader.child.kill('SIGINT');
  expect(await reader.code).toBe(130);
  expect([reader.stdout, reader.stderr]).toEqual(['', 'kubeshark: 0 packets, 0 flows, 0 entries, 0 gaps\n']);
});
