/** A worker whose packets come from the test: the real dissector, spool and link, without a network. */
import { LinkType } from '@kubeshark/dissect';
import { HubLink, newBoot, Pipeline, Spool } from '@kubeshark/worker';
import { ethernet, ipv4, segment } from '../../packages/dissect/src/testing.ts';

const TCP = 6;
const CLIENT = '10.1.0.1';
const SERVER = '10.1.0.2';
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
      token,
      boot: newBoot(),
      worker: 'test',
      version: '0',
      source: 'live',
      spool,
      places: () => [{ worker: 'test', interface: 'eth0', source: 'af_packet', addresses: [] }],
      status: () => ({
        ...STATUS,
        capturing: [{ interface: 'eth0', packets: this.packets, bytes: 0, dropped: 0 }],
      }),
    });
    this.pipeline = new Pipeline({
      onBatch: (records) => {
        spool.add(Buffer.from(records));
        this.link.pump();
      },
    });
    this.link.open();
  }

  /** One connection with one HTTP call on it; heads without the empty line at their end. `response` null: none comes. */
  call(request: string, response: string | null = 'HTTP/1.1 200 OK\r\nContent-Length: 0', body = ''): void {
    const port = ++this.port;
    const asked = `${request}\r\nHost: shop\r\n\r\n`;
    const answered = response === null ? '' : `${response}\r\n\r\n${body}`;
    this.client(port, 'S', 100, 0);
    this.server(port, 'SA', 500, 101);
    this.client(port, 'PA', 101, 501, asked);
    if (response === null) this.server(port, 'R', 501, 101 + asked.length);
    else {
      this.server(port, 'PA', 501, 101 + asked.length, answered);
      this.client(port, 'FA', 101 + asked.length, 501 + answered.length);
      this.server(port, 'FA', 501 + answered.length, 102 + asked.length);
    }
    this.pipeline.flush();
  }

  async close(): Promise<void> {
    this.pipeline.end();
    await this.link.close(1_000);
  }

  private client(port: number, flags: string, seq: number, ack: number, data = ''): void {
    this.packet(ipv4(CLIENT, SERVER, TCP, segment(port, 80, { flags, seq, ack }, data)));
  }

  private server(port: number, flags: string, seq: number, ack: number, data = ''): void {
    this.packet(ipv4(SERVER, CLIENT, TCP, segment(80, port, { flags, seq, ack }, data)));
  }

  private packet(ip: Buffer): void {
    const frame = ethernet(ip);
    this.packets++;
    // Packets of one test are a tenth of a millisecond apart, and never of one time.
    this.time = Math.max(this.time + 100, Date.now() * 1_000);
    this.pipeline.dissector.packet(frame, 0, frame.length, frame.length, this.time, LinkType.ethernet, 0, -1);
  }
}
