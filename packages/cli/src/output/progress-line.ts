/** One line on stderr that shows how far long work is; nothing where nobody watches, or when it is quick. */
const QUIET_MS = 500;
const EVERY_MS = 100;

export class ProgressLine {
  private readonly begun = Date.now();
  private shownAt = 0;
  private shown = false;

  show(text: string): void {
    if (!process.stderr.isTTY) return;
    const now = Date.now();
    if (now - this.begun < QUIET_MS || now - this.shownAt < EVERY_MS) return;
    this.shownAt = now;
    this.shown = true;
    process.stderr.write(`\r\u001b[K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  }

  /** Other lines may be written now; the next `show` comes below them. */
  clear(): void {
    if (this.shown) process.stderr.write('\r\u001b[K');
    this.shown = false;
  }
}
