/** What stands in the editor, judged: is it a filter, and is there something to apply? */
import { compile, type FilterError, searchFor } from '@kubeshark/kfl';

export interface Draft {
  readonly text: string;
  readonly error: FilterError | null;
}

/** `now`: ms since the epoch. */
export function judge(text: string, now: number = Date.now()): Draft {
  const result = compile(text, { now: now * 1_000 });
  return { text, error: 'error' in result ? result.error : null };
}

/** The cursor stands at the mistake: it may be a word that is not finished. */
export function isBeingTyped({ error }: Draft, cursor: number): boolean {
  return error !== null && cursor >= error.range[0] && cursor <= error.range[1];
}

/** The error is that of plain words, and its fix looks for them. */
export function isSearchOffer({ text, error }: Draft): boolean {
  return error?.fix !== undefined && error.fix === searchFor(text.trim());
}

/** The text with the error's fix in place of what was wrong; itself when there is none. */
export function fixed({ text, error }: Draft): string {
  if (error?.fix === undefined) return text;
  return text.slice(0, error.range[0]) + error.fix + text.slice(error.range[1]);
}
