/**
 * The worker as its image runs it, one on each node: captures the pods that the hub names. `main.ts [FILE]`
 * `main.ts probe FILE` only writes to the file whether it could.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { pino } from 'pino';
import { nodeFacts } from './cluster/node-facts.ts';
import { nodeProcess } from './cluster/node-process.ts';
import { probeNode } from './cluster/probe.ts';
import { TargetCaptures } from './cluster/target-captures.ts';
import { hubEnds } from './hub-ends.ts';
import type { LinkState } from './hub-link.ts';
import { readImageSettings } from './image-settings.ts';
import { LiveAgent } from './live-agent.ts';

const SETTINGS_FILE = '/etc/kubeshark/worker.json';

const log = pino({ base: null }, pino.destination({ dest: 2, sync: true }));

function stopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve);
  });
}

let lastReason = '';

/** Each reason once: a hub that is away for an hour is one line. */
function logState(state: LinkState): void {
  const reason = state.state === 'connected' ? '' : state.reason;
  if (state.state === 'connected') log.info({ hub: state.hub }, 'connected to the hub');
  else if (reason !== lastReason) log.warn({ reason }, 'no connection to the hub; trying again');
  lastReason = reason;
}

if (process.argv[2] === 'probe') {
  writeFileSync(process.argv[3]!, JSON.stringify(await probeNode('/proc')));
  process.exit(0);
}

try {
  const stop = stopped();
  const settings = readImageSettings(process.argv[2] ?? SETTINGS_FILE, process.env);
  log.level = settings.logLevel;
  const ended = Promise.withResolvers<never>();
  // Asked for again with each connection: by then the name is known, and nothing is captured before.
  let exclude = await hubEnds(settings.hub);
  const targets = new TargetCaptures({ proc: '/proc', node: nodeProcess('/proc'), exclude: () => exclude });
  const facts = nodeFacts(targets.cgroups.version);
  log.info({ node: settings.node, ...facts }, 'worker starts');
  const { agent } = await LiveAgent.start({
    capture: {
      worker: settings.node,
      interfaces: [],
      captureFilter: settings.captureFilter,
      exclude: [],
      decodeAs: [...settings.decodeAs],
      redaction: settings.redaction,
      filter: '',
    },
    hub: settings.hub,
    token: () => readFileSync(settings.tokenFile, 'utf8').trim(),
    // It may be this worker that is early: the hub learns of it from the API server.
    insist: true,
    version: process.env['KUBESHARK_VERSION'] ?? 'development',
    spoolBytes: settings.spoolBytes,
    targets,
    node: facts,
    onState: (state) => {
      logState(state);
      if (state.state === 'connected')
        void hubEnds(settings.hub).then((ends) => {
          exclude = ends;
        });
      if (state.state === 'refused') ended.reject(new Error(`the hub refused this worker: ${state.reason}`));
    },
    onFailed: (error) => ended.reject(error),
  });
  log.info({ signal: await Promise.race([stop, ended.promise]) }, 'worker ends');
  targets.close();
  if (!(await agent.stop())) log.warn('the hub did not store the last entries in time; they are lost');
  process.exit(0);
} catch (error) {
  log.fatal({ err: error }, 'the worker cannot run');
  process.exit(1);
}
