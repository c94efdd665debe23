/** What the commands that capture have in common: their options, checked, and what they say when it cannot be done. */
import { hostname } from 'node:os';
import { CaptureFilterError, compileCaptureFilter } from '@kubeshark/capture';
import type { CaptureSettings } from '@kubeshark/worker';
import { CaptureFailed, DEFAULT_RULES } from '@kubeshark/worker';
import { asRoot } from './as-root.ts';
import { decodeRules } from './decode-option.ts';
import { filterOf } from './filter-option.ts';
import { UserError } from './user-error.ts';

export interface CaptureOptions {
  interface: string[];
  captureFilter: string;
  filter: string;
  name?: string;
  redact?: boolean;
  decodeAs: readonly string[];
}

/** Checked here, so that a mistake is shown in its place instead of ending the capture. Throws `UserError`. */
export function captureSettings(options: CaptureOptions): CaptureSettings {
  filterOf(options.filter);
  checkCaptureFilter(options.captureFilter);
  return {
    worker: options.name ?? hostname(),
    interfaces: options.interface,
    captureFilter: options.captureFilter,
    exclude: [],
    decodeAs: [...decodeRules(options.decodeAs)],
    redaction: options.redact ? DEFAULT_RULES : undefined,
    filter: options.filter,
  };
}

function checkCaptureFilter(text: string): void {
  try {
    compileCaptureFilter(text);
  } catch (error) {
    if (!(error instanceof CaptureFilterError)) throw error;
    const caret = `${' '.repeat(error.start)}${'^'.repeat(Math.max(1, error.end - error.start))}`;
    throw new UserError(`the capture filter is not valid: ${error.message}\n  ${text}\n  ${caret}`, 2);
  }
}

/** Throws `UserError` for what is no address of a hub. */
export function hubUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !['http:', 'https:'].includes(url.protocol))
    throw new UserError(`"${text}" is no address of a hub. Write for example http://localhost:8899.`, 2);
  return url;
}

/** For the user: why there is no capture, and the one command that mends it. */
export function captureProblem(error: unknown): unknown {
  if (!(error instanceof CaptureFailed)) return error;
  if (error.why === 'rights')
    return new UserError(`${error.message}\n\n  ${asRoot(process.argv.slice(2))}\n`);
  return new UserError(error.message, error.why === 'interface' ? 2 : 1);
}
