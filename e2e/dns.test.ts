// Live DNS of a real server over loopback: what an entry says of each exchange is what dig says of it.
import type { ChildProcess } from 'node:child_process';
import { execFile, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Entry } from '@kubeshark/model';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Running, until } from './support/command.ts';
import { isRoot } from './support/network.ts';

const DNSMASQ = '/usr/sbin/dnsmasq';
const DIG = '/usr/bin/dig';
const missing = !isRoot ? 'needs root to capture' : [DNSMASQ, DIG].find((path) => !existsSync(path));

const RECORDS = [
  '--host-record=web.shop.test,10.1.2.3,fd00::3,300',
  '--cname=www.shop.test,web.shop.test,60',
  '--mx-host=shop.test,mail.shop.test,10',
  '--txt-record=shop.test,v=spf1 -all,a "quoted" part',
  `--txt-record=long.shop.test,${'x'.repeat(255)},${'y'.repeat(255)},${'z'.repeat(255)}`,
  '--srv-host=_http._tcp.shop.test,web.shop.test,8080,5,20',
  '--caa-record=shop.test,0,issue,ca.test',
  '--naptr-record=shop.test,100,10,S,SIP+D2U,,_sip._udp.shop.test',
  '--ptr-record=3.2.1.10.in-addr.arpa,web.shop.test',
  '--local=/test/',
];

const ASKED: readonly (readonly [what: string, ...args: string[]])[] = [
  ['A', 'web.shop.test', 'A'],
  ['AAAA', 'web.shop.test', 'AAAA'],
  ['CNAME and what it leads to', 'www.shop.test', 'A'],
  ['MX', 'shop.test', 'MX'],
  ['TXT', 'shop.test', 'TXT'],
  ['SRV', '_http._tcp.shop.test', 'SRV'],
  ['CAA', 'shop.test', 'CAA'],
  ['NAPTR', 'shop.test', 'NAPTR'],
  ['PTR', '-x', '10.1.2.3'],
  ['a name that is not there', 'gone.shop.test', 'A'],
  ['a type that is not there', 'web.shop.test', 'HTTPS'],
  ['what the server refuses', 'elsewhere.example', 'A'],
  ['TCP', 'long.shop.test', 'TXT', '+tcp'],
  ['an answer too large for a datagram, then TCP', 'long.shop.test', 'TXT', '+bufsize=512'],
  ['without EDNS', 'web.shop.test', 'A', '+noedns'],
  ['DNSSEC wanted, without recursion', 'web.shop.test', 'A', '+dnssec', '+norecurse', '+bufsize=4096'],
];

interface Told {
  id: number;
  status: string;
  flags: string[];
  answers: { name: string; ttl: number; class: string; type: string; data: string }[];
  edns: { do: boolean; udpPayloadSize: number } | null;
}

/** What dig printed of an answer. */
function told(output: string): Told {
  const [, status, id] = /status: (\w+), id: (\d+)/.exec(output)!;
  const [, flags] = /;; flags: ([a-z ]*);/.exec(output)!;
  const edns = /; EDNS: version: 0, flags:( do)?; (?:MBZ: .*?; )?udp: (\d+)/.exec(output);
  const answers = [...output.matchAll(/^([^;\s]\S*)\s+(\d+)\s+(IN)\s+(\S+)\s+(.*)$/gm)].map(
    ([, name, ttl, cls, type, data]) => ({
      name: withoutDot(name!),
      ttl: Number(ttl),
      class: cls!,
      type: type!,
      // Of names in the data, too; texts in quotes end with a quote.
      data: data!.split(' ').map(withoutDot).join(' '),
    }),
  );
  return {
    id: Number(id),
    status: status!,
    flags: flags!.split(' '),
    answers,
    edns: edns && { do: edns[1] !== undefined, udpPayloadSize: Number(edns[2]) },
  };
}

function withoutDot(name: string): string {
  return name.replace(/\.$/, '');
}

interface Fields {
  id: number;
  rcode: string;
  answers: unknown[];
  edns?: { do: boolean; udpPayloadSize: number };
}

async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  socket.close();
  return port;
}

describe.skipIf(missing !== undefined)(`DNS on loopback${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let port = 0;
  let server: ChildProcess;
  let worker: Running;

  const dig = async (...args: string[]) => {
    const common = [
      '@127.0.0.1',
      '-p',
      String(port),
      '+tries=1',
      '+time=5',
      '+noall',
      '+answer',
      '+comments',
    ];
    return (await promisify(execFile)(DIG, [...common, ...args])).stdout;
  };
  const entries = () =>
    worker.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Entry);

  beforeAll(async () => {
    port = await freePort();
    const own = ['--keep-in-foreground', '--no-resolv', '--no-hosts', '--no-daemon', '--conf-file=/dev/null'];
    const place = ['--listen-address=127.0.0.1', '--bind-interfaces', `--port=${port}`, '--pid-file='];
    server = spawn(DNSMASQ, [...own, ...place, ...RECORDS], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    server.stderr!.on('data', (part: Buffer) => {
      said += String(part);
    });
    await until(`dnsmasq is there: ${said}`, () => /started/.test(said));
    const rules = ['--decode-as', `udp:${port}=dns`, '--decode-as', `tcp:${port}=dns`];
    const filter = ['--capture-filter', `port ${port}`];
    worker = new Running(['worker', '-i', 'lo', '-o', 'ndjson', ...filter, ...rules]);
    await worker.says(/capturing .*; Ctrl-C ends it/);
  });
  afterAll(async () => {
    await worker?.stop('SIGKILL');
    server?.kill();
  });

  test.each(ASKED)('%s', async (_what, ...args) => {
    const says = told(await dig(...args));
    const found = () =>
      entries().findLast((e) => (e.response?.fields as Fields | undefined)?.id === says.id && !tc(e));
    await until(`the entry of ${args.join(' ')}`, () => found() !== undefined);
    const entry = found()!;
    const fields = entry.response!.fields as unknown as Fields;
    const flags = ['aa', 'tc', 'rd', 'ra', 'ad', 'cd'].filter((flag) => flag in fields);
    expect({
      status: entry.status,
      flags: ['qr', ...flags],
      answers: fields.answers,
      edns: fields.edns ? { do: fields.edns.do, udpPayloadSize: fields.edns.udpPayloadSize } : null,
    }).toEqual({ status: says.status, flags: says.flags, answers: says.answers, edns: says.edns });
    expect(entry).toMatchObject({ protocol: 'dns', kind: 'call', src: { ip: '127.0.0.1' }, dst: { port } });
    expect(entry.outcome).toBe(says.status === 'NOERROR' ? 'ok' : 'client_error');
  });

  test('the query says what dig was told to ask for, and the answer that was cut is an entry of its own', async () => {
    const asked = entries().map((entry) => entry.request!.fields as unknown as Fields);
    expect(asked.filter(({ edns }) => edns?.do).map(({ edns }) => edns!.udpPayloadSize)).toEqual([4096]);
    const cut = entries().filter(tc);
    expect(cut.map(({ target, operation }) => `${operation} ${target}`)).toEqual(['TXT long.shop.test']);
  });
});

/** Cut to fit a datagram: dig asks again over TCP. */
function tc(entry: Entry): boolean {
  return 'tc' in (entry.response?.fields ?? {});
}
