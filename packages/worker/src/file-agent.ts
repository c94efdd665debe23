/** One capture file as an agent of a hub: read as fast as the hub takes it. */

import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadSummary } from '@kubeshark/capture';
import { fileChunks, readCapture } from '@kubeshark/capture';
import type { Place } from '@kubeshark/model';
import { BATCH_ROOM, joinRecords } from '@kubeshark/model';
import { bootOfFile } from './boot.ts';
import type { LinkState } from './hub-link.ts';
import { HubLink } from './hub-link.ts';
import { Pipeline } from './pipeline.ts';
import { Spool } from './spool.ts';

/** Reading waits while this much has not been stored. */
const AHEAD_BYTES = 32_000_000;
/** How often it is looked whether the hub has taken it. */
const TAKEN_MS = 5;

/** The hub will not have the file, however often it is offered. */
export class RefusedByHub extends Error {
  override readonly name = 'RefusedByHub';
  constructor(reason: string) {
    super(`the hub refused this file: ${reason}`);
  }
}

export interface FileAgentOptions {
  file: string;
  hub: string;
  token: string;
  version: string;
  decodeAs: ReadonlyMap<string, number>;
  onProgress?: (fraction: number) => void;
  onState?: (state: LinkState) => void;
}

export class FileAgent {
  readonly options: FileAgentOptions;
  private link: HubLink | null = null;
  private refusal: string | null = null;

  constructor(options: FileAgentOptions) {
    this.options = options;
  }

  /** Reads the file to its end and waits until all of it is stored. Rejects with `CaptureFileError`, or with `RefusedByHub`. */
  async run(): Promise<ReadSummary> {
    const { file, hub, token, version, decodeAs, onProgress, onState } = this.options;
    const { size } = await stat(file);
    const boot = await bootOfFile(file);
    const name = basename(file);
    // Nothing is left out of a file: reading waits instead.
    const spool = new Spool(name, Number.POSITIVE_INFINITY);
    const places: Place[] = [];
    let fraction = 0;
    const pipeline = new Pipeline({
      decodeAs,
      onBatch: (records) => {
        spool.add(joinRecords([records]), places, BATCH_ROOM);
        link.pump();
      },
    });
    const link = new HubLink({
      hub,
      token: () => token,
      boot,
      worker: name,
      version,
      source: 'file',
      files: [name],
      spool,
      status: () => ({
        capturing: [],
        flows: pipeline.dissector.table.size,
        spoolBytes: spool.bytes,
        memoryBytes: process.memoryUsage.rss(),
        counters: { ...Object.fromEntries(pipeline.dissector.counters.named), ...spool.counters },
      }),
      onState: (state) => {
        // After a reconnect the hub should know at once how far the file is.
        if (state.state === 'connected')
          link.tell({
            type: 'progress',
            fraction,
            done: false,
            packets: pipeline.dissector.counters.packets,
          });
        if (state.state === 'refused') this.refusal = state.reason;
        onState?.(state);
      },
    });
    this.link = link;
    link.open();
    const summary = await readCapture(fileChunks(file), {
      onInterface: (capture, index) => {
        places[index] = { worker: name, interface: capture.name || name, source: 'file', addresses: [] };
      },
      onPacket: (bytes, start, end, wireLength, time, linkType, index, vlan) => {
        pipeline.dissector.packet(bytes, start, end, wireLength, time, linkType, index, vlan);
      },
      onProgress: async (bytes) => {
        fraction = size === 0 ? 1 : Math.min(bytes / size, 1);
        onProgress?.(fraction);
        link.tell({ type: 'progress', fraction, done: false, packets: pipeline.dissector.counters.packets });
        await this.taken(() => spool.bytes <= AHEAD_BYTES);
      },
    });
    pipeline.end();
    await this.taken(() => spool.empty);
    link.tell({ type: 'progress', fraction: 1, done: true, packets: summary.packets });
    return summary;
  }

  /** Waits until the hub has taken enough. */
  private async taken(enough: () => boolean): Promise<void> {
    for (;;) {
      if (this.refusal !== null) throw new RefusedByHub(this.refusal);
      if (enough()) return;
      await sleep(TAKEN_MS);
    }
  }

  /** Leaves the hub. */
  async close(): Promise<void> {
    await this.link?.close(0);
  }
}
