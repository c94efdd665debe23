/** Plays a capture in real time, again and again, as a worker would have seen it: the sample that is shown without the right to capture. */

import { fileChunks, readCapture } from '@kubeshark/capture';
import type { Place } from '@kubeshark/model';
import { newBoot } from './boot.ts';
import { HubLink } from './hub-link.ts';
import { Pipeline } from './pipeline.ts';
import { Spool } from './spool.ts';

interface StoredPacket {
  bytes: Buffer;
  wireLength: number;
  time: number;
  linkType: number;
}

const TICK_MS = 20;
/** Pause between two rounds, µs. */
const BETWEEN = 2_000_000;

const now = () => (performance.timeOrigin + performance.now()) * 1000;

export interface PlayerOptions {
  file: string;
  hub: string;
  token: string;
  version: string;
  /** Name shown as the worker. */
  worker: string;
}

export class Player {
  private readonly link: HubLink;
  private readonly timer: NodeJS.Timeout;

  private constructor(link: HubLink, timer: NodeJS.Timeout) {
    this.link = link;
    this.timer = timer;
  }

  static async start({ file, hub, token, version, worker }: PlayerOptions): Promise<Player> {
    const packets: StoredPacket[] = [];
    await readCapture(fileChunks(file), {
      onPacket: (bytes, start, end, wireLength, time, linkType) => {
        packets.push({ bytes: Buffer.from(bytes.subarray(start, end)), wireLength, time, linkType });
      },
    });
    const first = packets[0]?.time ?? 0;
    const last = packets.at(-1)?.time ?? 0;
    const place: Place = { worker, interface: 'sample', source: 'file', addresses: [] };
    const spool = new Spool(worker);
    const link = new HubLink({
      hub,
      token: () => token,
      boot: newBoot(),
      worker,
      version,
      source: 'file',
      spool,
      status: () => ({
        capturing: [],
        flows: pipeline.dissector.table.size,
        spoolBytes: spool.bytes,
        memoryBytes: process.memoryUsage.rss(),
        counters: {},
      }),
    });
    const pipeline = new Pipeline({
      onBatch: (records) => {
        spool.add(Buffer.from(records), [place]);
        link.pump();
      },
    });
    link.open();
    let round = now();
    let next = 0;
    const timer = setInterval(() => {
      const time = now();
      for (; next < packets.length && round + packets[next]!.time - first <= time; next++) {
        const { bytes, wireLength, time: stamp, linkType } = packets[next]!;
        pipeline.dissector.packet(
          bytes,
          0,
          bytes.length,
          wireLength,
          Math.round(round + stamp - first),
          linkType,
          0,
          -1,
        );
      }
      pipeline.dissector.advance(Math.round(time));
      pipeline.flush();
      if (next === packets.length && time > round + (last - first) + BETWEEN) {
        round = time;
        next = 0;
      }
    }, TICK_MS);
    return new Player(link, timer);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.link.close(0);
  }
}
