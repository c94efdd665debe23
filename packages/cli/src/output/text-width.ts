/** Captured text in the columns of a terminal. */

/** What moves the cursor, changes colours, turns the direction of text or cannot be seen; halves of surrogate pairs. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;
const ASCII = /^[\x20-\x7e]*$/;
/** Characters that take no column of their own. */
const MARK = /^\p{M}$/u;
/** Two columns: East Asian Wide and Fullwidth (Unicode annex 11), and emoji. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}\p{Emoji_Presentation}]$/u;
/** Marks on one character beyond these are left out: a hundred of them would reach over the lines above. */
const MARKS = 4;

/** A dot for each character that a terminal would obey instead of showing. */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, '·');
}

/** Exactly `width` columns: filled with spaces, or cut with `…`. `text` is printable. */
export function fit(text: string, width: number): string {
  if (text.length <= width && ASCII.test(text)) return text.padEnd(width);
  let shown = '';
  let columns = 0;
  /** What stands while there is room for the `…`. */
  let short = '';
  let shortColumns = 0;
  let marks = 0;
  for (const character of text) {
    if (MARK.test(character)) {
      if (++marks <= MARKS) shown += character;
      continue;
    }
    marks = 0;
    if (columns < width) {
      short = shown;
      shortColumns = columns;
    }
    columns += WIDE.test(character) ? 2 : 1;
    if (columns > width) return `${short}…${' '.repeat(Math.max(width - 1 - shortColumns, 0))}`;
    shown += character;
  }
  return shown + ' '.repeat(width - columns);
}
