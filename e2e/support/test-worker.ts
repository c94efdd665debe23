/** A worker whose packets come from the test: the real dissector, spool and link, without a network. */
import { LinkType } from '@kubeshark/dissect';
import { HubLink, newBoot, Pipeline, Spool } from '@kubeshark/worker';
import { callPackets } from './call-packets.ts';

const PLACE = { worker: 'test', interface: 'eth0', source: 'af_packet' as const, addresses: [] };
const STATUS = { flows: 0, spoolBytes: 0, memoryBytes: 0, counters: {} };

export class TestWorker {
  private readonly link: HubLink;
  private readonly pipeline: Pipeline;
  private port = 20_000;
  private packets = 0;
  private time = 0;

  constructor(hub: string, token: string) {
    const spool = new Spool('test');
    this.link = new HubLink({
      hub,
      token: () => token,
      boot: newBoot(),
      worker: 'test',
      version: '0',
      source: 'live',
      spool,
      status: () => ({
        ...STATUS,
        capturing: [{ interface: 'eth0', packets: this.packets, bytes: 0, dropped: 0 }],
      }),
    });
    this.pipeline = new Pipeline({
      onBatch: (records) => {
        spool.add(Buffer.from(records), [PLACE]);
        this.link.pump();
      },
    });
    this.link.open();
  }

  /** One connection with one HTTP call on it; heads without the empty line at their end. `response` null: none comes. */
  call(request: string, response?: string | null, body?: string, requestBody?: string): void {
    const frames = callPackets(++this.port, request, response, body, requestBody);
    for (const frame of frames) this.packet(frame);
    this.pipeline.flush();
  }

  async close(): Promise<void> {
    this.pipeline.end();
    await this.link.close(1_000);
  }

  private packet(frame: Buffer): void {
    this.packets++;
    // Packets of one test are a tenth of a millisecond apart, and never of one time.
    this.time = Math.max(this.time + 100, Date.now() * 1_000);
    this.pipeline.dissector.packet(frame, 0, frame.length, frame.length, this.time, LinkType.ethernet, 0, -1);
  }
}
