/** One line on stderr that shows how far long work is; nothing where nobody watches, or when it is quick. */
const QUIET_MS = 500;
const EVERY_MS = 100;
/** Where the terminal does not say. */
const COLUMNS = 80;

export class ProgressLine {
  private readonly begun = Date.now();
  private shownAt = 0;
  /** What stands there; '' nothing. */
  private text = '';

  show(text: string): void {
    if (!process.stderr.isTTY) return;
    const now = Date.now();
    if (now - this.begun < QUIET_MS || now - this.shownAt < EVERY_MS) return;
    this.shownAt = now;
    this.text = text;
    this.draw();
  }

  /** Takes it away for lines that `write` prints on the same terminal, and puts it below them. */
  above<Result>(write: () => Result): Result {
    if (this.text === '') return write();
    process.stderr.write(ERASE);
    const result = write();
    this.draw();
    return result;
  }

  clear(): void {
    if (this.text !== '') process.stderr.write(ERASE);
    this.text = '';
  }

  private draw(): void {
    process.stderr.write(ERASE + this.text.slice(0, (process.stderr.columns || COLUMNS) - 1));
  }
}

/** Back to the beginning of the line, and nothing behind it. */
const ERASE = '\r\u001b[K';
