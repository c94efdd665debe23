export interface Part {
  at: number;
  part: string;
  quoted: boolean;
}

/** Splits a message at its backquoted names: `` `statuss` is not a field``. A single backquote is itself. */
export function quotedParts(text: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(/`([^`]+)`/g)) {
    if (match.index > end) parts.push({ at: end, part: text.slice(end, match.index), quoted: false });
    parts.push({ at: match.index, part: match[1]!, quoted: true });
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push({ at: end, part: text.slice(end), quoted: false });
  return parts;
}
