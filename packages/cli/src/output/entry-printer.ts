/** Entries on stdout, in one of the formats, no faster than stdout takes them. */
import { once } from 'node:events';
import type { Entry } from '@kubeshark/model';
import { VERSION } from '../version.ts';
import { harEntry } from './har.ts';
import { tableHead, tableLine } from './table.ts';

export type OutputFormat = 'table' | 'ndjson' | 'har';

/** Bytes kept back before they are written together. */
const TOGETHER = 65_536;

export class EntryPrinter {
  printed = 0;
  /** Entries that the format cannot hold (HAR: what is no HTTP call with a request). */
  leftOut = 0;
  private readonly format: OutputFormat;
  private readonly out: NodeJS.WritableStream & { columns?: number };
  private text = '';
  private begun = false;

  constructor(format: OutputFormat, out: NodeJS.WritableStream & { columns?: number } = process.stdout) {
    this.format = format;
    this.out = out;
  }

  print(entry: Entry): void {
    if (this.format === 'har') {
      const har = harEntry(entry);
      if (har === null) {
        this.leftOut++;
        return;
      }
      this.begin();
      this.text += `${this.printed === 0 ? '' : ',\n'}${JSON.stringify(har)}`;
    } else {
      this.begin();
      this.text +=
        this.format === 'ndjson' ? `${JSON.stringify(entry)}\n` : `${tableLine(entry, this.width)}\n`;
    }
    this.printed++;
  }

  /** Characters printed and not on their way. */
  get waiting(): number {
    return this.text.length;
  }

  /** What is printed is on its way; a promise when the reader is slow. */
  flush(least = 0): Promise<unknown> | undefined {
    if (this.text.length <= least) return undefined;
    const { text } = this;
    this.text = '';
    return this.out.write(text) ? undefined : once(this.out, 'drain');
  }

  /** As `flush`, but only when there is enough to be worth a write. */
  flushWhenFull(): Promise<unknown> | undefined {
    return this.flush(TOGETHER);
  }

  /** Completes the format. */
  async end(): Promise<void> {
    if (this.format === 'har') {
      this.begin();
      this.text += '\n]}}\n';
    }
    await this.flush();
  }

  private get width(): number {
    return this.out.columns || 160;
  }

  private begin(): void {
    if (this.begun) return;
    this.begun = true;
    if (this.format === 'table') this.text += `${tableHead(this.width)}\n`;
    if (this.format === 'har')
      this.text += `{"log":{"version":"1.2","creator":{"name":"kubeshark","version":"${VERSION}"},"entries":[\n`;
  }
}
