/** A zip file that is written as its contents come: nothing of it is kept in memory but the chunk under way. */
import { once } from 'node:events';
import type { WriteStream } from 'node:fs';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { strToU8, Zip, ZipDeflate } from 'fflate';

export type Content = string | AsyncIterable<Uint8Array>;

export class ZipFile {
  private readonly file: WriteStream;
  private readonly zip: Zip;
  /** Of the file itself: nothing more can be written. */
  failure: Error | null = null;

  /** Readable by its owner alone. */
  constructor(path: string) {
    this.file = createWriteStream(path, { mode: 0o600 });
    this.file.on('error', (error) => {
      this.failure = error;
    });
    this.zip = new Zip((error, chunk, last) => {
      if (error) this.failure = error;
      else if (last) this.file.end(chunk);
      else this.file.write(chunk);
    });
  }

  /** An error of `content` goes out when its entry is ended: the file stays whole, with what came until then. */
  async add(name: string, content: Content): Promise<void> {
    const entry = new ZipDeflate(name);
    entry.mtime = new Date();
    this.zip.add(entry);
    try {
      if (typeof content === 'string') entry.push(strToU8(content));
      else for await (const chunk of content) await this.written(() => entry.push(chunk));
    } finally {
      await this.written(() => entry.push(new Uint8Array(), true));
    }
  }

  async close(): Promise<void> {
    this.zip.end();
    if (this.failure) throw this.failure;
    await finished(this.file);
  }

  /** Waits for the disk when it is slower. */
  private async written(push: () => void): Promise<void> {
    push();
    if (this.failure) throw this.failure;
    if (this.file.writableNeedDrain) await once(this.file, 'drain');
  }
}
