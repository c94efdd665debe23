/** Lines out of chunks of bytes, each bounded: one that is longer is passed over. */

const NEWLINE = 0x0a;

export class JsonLines {
  /** Lines passed over. */
  cut = 0;
  private parts: Buffer[] = [];
  private length = 0;
  private skipping = false;
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** The lines that end in this chunk. */
  *add(chunk: Buffer): Generator<string> {
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(NEWLINE, from);
      this.keep(chunk.subarray(from, end < 0 ? undefined : end));
      if (end < 0) return;
      from = end + 1;
      const line = this.take();
      if (line !== null && line !== '') yield line;
    }
  }

  private keep(part: Buffer): void {
    if (this.skipping || part.length === 0) return;
    this.length += part.length;
    if (this.length > this.limit) {
      this.skipping = true;
      this.parts = [];
    } else this.parts.push(part);
  }

  /** null: it was too long. */
  private take(): string | null {
    const line = this.skipping ? null : Buffer.concat(this.parts, this.length).toString();
    if (this.skipping) this.cut++;
    this.parts = [];
    this.length = 0;
    this.skipping = false;
    return line;
  }
}
