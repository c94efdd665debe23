/**
 * Captured text as it can be shown: characters that a reader does not see, or that change what stands around them (controls,
 * those that turn the direction of text, those without width), are written as the filter language writes them: `\u202e`.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]/gu;
const SHORT: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
]);

/** Texts as they are and escapes in turn, beginning with a text. `lines`: line ends stay what they are. */
export function visibleParts(text: string, lines = false): string[] {
  const parts: string[] = [];
  let end = 0;
  for (const { 0: character, index } of text.matchAll(UNSEEN)) {
    if (character === '\t' || (lines && isLineEnd(text, index)) || joins(text, index)) continue;
    parts.push(text.slice(end, index), escape(character));
    end = index + character.length;
  }
  parts.push(text.slice(end));
  return parts;
}

export function visibleText(text: string, lines = false): string {
  return visibleParts(text, lines).join('');
}

function escape(character: string): string {
  const code = character.codePointAt(0)!.toString(16);
  return (
    SHORT.get(character) ?? (code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\U${code.padStart(8, '0')}`)
  );
}

function isLineEnd(text: string, index: number): boolean {
  return text[index] === '\n' || (text[index] === '\r' && text[index + 1] === '\n');
}

/** A joiner between letters of a script that needs it, or between emoji. */
function joins(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return (code === 0x200c || code === 0x200d) && isJoined(text, index - 1) && isJoined(text, index + 1);
}

function isJoined(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 0x0590 && !(code >= 0x2000 && code <= 0x206f);
}
