/** What is wrong with a capture filter, and where: `[start, end)` in characters. */
export class CaptureFilterError extends Error {
  override readonly name = 'CaptureFilterError';
  readonly start: number;
  readonly end: number;
  constructor(message: string, start: number, end: number) {
    super(message);
    this.start = start;
    this.end = end;
  }
}
