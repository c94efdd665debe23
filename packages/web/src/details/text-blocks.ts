/** A text as blocks that a browser lays out one by one: one line of a megabyte stops it, and so do a million lines. */
import { cutText } from './cut-text.ts';

/** A longer line goes on in a row of its own. */
export const ROW_CHARACTERS = 500;
const BLOCK_ROWS = 100;
const BLOCK_CHARACTERS = 8_000;

/** Together the text, save the line ends within lines that were too long: `broken` counts these lines. */
export function textBlocks(text: string): { blocks: string[]; broken: number } {
  const blocks: string[] = [];
  let broken = 0;
  let block = '';
  let rows = 0;
  const add = (row: string) => {
    block += row;
    rows++;
    if (rows < BLOCK_ROWS && block.length < BLOCK_CHARACTERS) return;
    blocks.push(block);
    block = '';
    rows = 0;
  };
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf('\n', start);
    const next = found < 0 ? text.length : found + 1;
    const end = found < 0 ? next : text[found - 1] === '\r' ? found - 1 : found;
    if (end - start > ROW_CHARACTERS) broken++;
    while (end - start > ROW_CHARACTERS) {
      const row = cutText(text.slice(start, end), ROW_CHARACTERS);
      add(`${row}\n`);
      start += row.length;
    }
    add(text.slice(start, next));
    start = next;
  }
  if (block !== '') blocks.push(block);
  return { blocks, broken };
}
