/**
 * One HTTP/1.1 capture file, read by this product, tshark and (where installed) Suricata, in CPU time of whole processes:
 *   node bench/http-file.ts [CALLS] [ROUNDS]
 * Ours: packets → flows → calls with all headers and bodies → batches ready for a hub. tshark prints the same as fields;
 * Suricata, one thread, logs each transaction with all headers (it keeps no bodies). Start-up is what a file of one call takes.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeHttpCapture } from './http-capture.ts';

/** The work that is measured, in a process of its own; prints the calls it found. */
async function readIntoBatches(file: string): Promise<void> {
  const { fileChunks, readCapture } = await import('@kubeshark/capture/files');
  const { BATCH_ROOM, encodeBatch } = await import('@kubeshark/model');
  const { Pipeline } = await import('@kubeshark/worker/pipeline');
  let calls = 0;
  let number = 0;
  const places = [{ worker: 'bench', interface: 'file', source: 'file' as const, addresses: [] }];
  const pipeline = new Pipeline({
    onBatch: (records, count) => {
      calls += count;
      encodeBatch({ number: ++number, count, records, places, losses: [] }, BATCH_ROOM);
    },
  });
  await readCapture(fileChunks(file), {
    onPacket: (bytes, start, end, wireLength, time, linkType, index, vlan) =>
      pipeline.dissector.packet(bytes, start, end, wireLength, time, linkType, index, vlan),
  });
  pipeline.end();
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ calls, seconds: (user + system) / 1e6 }));
}

const SURICATA = `%YAML 1.1
---
default-log-dir: FOLDER
stats: { enabled: no }
outputs:
  - eve-log:
      enabled: yes
      filetype: regular
      filename: eve.json
      types:
        - http: { extended: yes, dump-all-headers: both }
app-layer: { protocols: { http: { enabled: yes, libhtp: { default-config: { personality: IDS, request-body-limit: 1mb, response-body-limit: 1mb } } } } }
stream: { reassembly: { depth: 0 }, checksum-validation: no, midstream: true }
logging: { default-log-level: error, outputs: [ { console: { enabled: no } } ] }
`;

interface Run {
  calls: number;
  seconds: number;
}

/** CPU seconds (user and system) of a command and its children; null when it is not installed. */
function measure(command: string, args: string[]): { seconds: number; output: string } | null {
  const script = `TIMEFORMAT='cpu %U %S'; time "$@"`;
  const { stdout, stderr, status } = spawnSync('bash', ['-c', script, 'bash', command, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (status === 127) return null;
  const cpu = /cpu ([\d.]+) ([\d.]+)/.exec(stderr);
  if (status !== 0 || !cpu) throw new Error(`${command}: ${stderr.slice(-500)}`);
  return { seconds: Number(cpu[1]) + Number(cpu[2]), output: stdout };
}

function ours(file: string, folder: string): Run {
  // As the command's launcher does.
  process.env['NODE_COMPILE_CACHE'] = folder;
  const self = fileURLToPath(import.meta.url);
  const run = measure(process.execPath, ['--disable-warning=ExperimentalWarning', self, '--read', file])!;
  return { calls: (JSON.parse(run.output) as Run).calls, seconds: run.seconds };
}

/** Lines of a file with this text: such a file may be larger than a string can be. */
function linesWith(text: string, file: string): number {
  return Number(spawnSync('grep', ['-cF', '-e', text, file], { encoding: 'utf8' }).stdout);
}

const FIELDS =
  'frame.time_epoch ip.src tcp.srcport ip.dst tcp.dstport http.request.method http.request.uri http.response.code http.request.line http.response.line http.file_data';

function tshark(file: string, folder: string): Run | null {
  const out = join(folder, 'tshark.txt');
  const args = [
    '-n',
    '-r',
    file,
    '-Y',
    'http',
    '-T',
    'fields',
    ...FIELDS.split(' ').flatMap((f) => ['-e', f]),
  ];
  const run = measure('sh', [
    '-c',
    `command -v tshark >/dev/null || exit 127; tshark "$@" > ${out} 2>/dev/null`,
    'sh',
    ...args,
  ]);
  if (!run) return null;
  return { calls: Math.floor(linesWith('', out) / 2), seconds: run.seconds };
}

function suricata(file: string, folder: string): Run | null {
  const config = join(folder, 'suricata.yaml');
  writeFileSync(config, SURICATA.replace('FOLDER', folder));
  writeFileSync(join(folder, 'none.rules'), '');
  const args = [
    '-c',
    config,
    '--runmode',
    'single',
    '-r',
    file,
    '-S',
    join(folder, 'none.rules'),
    '-k',
    'none',
    '-l',
    folder,
  ];
  const run = measure('suricata', args);
  if (!run) return null;
  const log = join(folder, 'eve.json');
  const calls = linesWith('"event_type":"http"', log);
  rmSync(log);
  return { calls, seconds: run.seconds };
}

const TOOLS: readonly [string, (file: string, folder: string) => Run | null][] = [
  ['kubeshark', ours],
  ['tshark', tshark],
  ['Suricata', suricata],
];

function main(calls: number, rounds: number): void {
  const folder = mkdtempSync(join(tmpdir(), 'kubeshark-bench-'));
  try {
    const one = join(folder, 'one.pcap');
    const file = join(folder, 'http.pcap');
    makeHttpCapture(one, 1);
    const bytes = makeHttpCapture(file, calls);
    console.log(`${calls} calls, ${Math.round(bytes / 1e6)} MB; CPU of whole processes, best of ${rounds}`);
    const best = new Map<string, { start: number; run: Run }>();
    // One after the other in each round, so that a slow moment of the machine meets all of them.
    for (let round = 0; round < rounds; round++)
      for (const [name, tool] of TOOLS) {
        const start = tool(one, folder)?.seconds ?? 0;
        const run = tool(file, folder);
        const before = best.get(name);
        if (!run) continue;
        best.set(name, {
          start: Math.min(start, before?.start ?? start),
          run: before && before.run.seconds < run.seconds ? before.run : run,
        });
      }
    const perCall = ({ start, run }: { start: number; run: Run }) => ((run.seconds - start) / calls) * 1e6;
    const own = best.get('kubeshark')!;
    for (const [name, found] of best) {
      const { start, run } = found;
      const columns = [
        name.padEnd(10),
        `${run.seconds.toFixed(2).padStart(7)} s, ${start.toFixed(2)} s of it to start`,
        `${perCall(found).toFixed(1).padStart(6)} µs a call after that`,
        `${String(run.calls).padStart(8)} records`,
        `${(run.seconds / own.run.seconds).toFixed(1).padStart(6)} times ours whole, ${(perCall(found) / perCall(own)).toFixed(1)} a call`,
      ];
      console.log(columns.join('  '));
    }
    for (const [name] of TOOLS) if (!best.has(name)) console.log(`${name} is not installed`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const [first, second] = process.argv.slice(2);
if (first === '--read') await readIntoBatches(second!);
else main(Number(first ?? 760_000), Number(second ?? 2));
