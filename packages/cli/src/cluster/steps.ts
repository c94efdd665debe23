/** Work in steps on stderr: each a line when it is done, with how long it took; while it runs, what it waits for. */
import { onStderr as pc } from '../output/colours.ts';
import { ProgressLine } from '../output/progress-line.ts';
import { asTyped } from '../program-name.ts';

/** Shorter ones say no time. */
const WORTH_SAYING_MS = 1_000;

export class Steps {
  private readonly line = new ProgressLine();

  /**
   * `work` gets a function that says what it waits for; it gives the words for what was done. When it rejects, the line says
   * so and the error goes on. What was asked to stop has not failed.
   */
  async run<T>(
    doing: string,
    work: (say: (text: string) => void) => Promise<T>,
    done: (result: T) => string,
  ): Promise<T> {
    const begun = performance.now();
    this.line.show(`  ${doing} …`);
    try {
      const result = await work((text) => this.line.show(`  ${doing}: ${text}`));
      const took = performance.now() - begun;
      const time = took < WORTH_SAYING_MS ? '' : pc.dim(` (${(took / 1_000).toFixed(1)} s)`);
      this.print(`${pc.green('✓')} ${done(result)}${time}`);
      return result;
    } catch (error) {
      this.print(isAbort(error) ? `${pc.dim('-')} ${doing}: interrupted` : `${pc.red('✗')} ${doing}`);
      throw error;
    }
  }

  /** A line of what is worth knowing. */
  note(text: string): void {
    this.print(`  ${text}`);
  }

  warn(text: string): void {
    this.print(`${pc.yellow('!')} ${text}`);
  }

  private print(text: string): void {
    this.line.clear();
    console.error(asTyped(text));
  }
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}
