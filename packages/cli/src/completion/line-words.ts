/** The words of a command line up to the cursor, as a shell takes it apart: quotes and backslashes are gone. */
export function lineWords(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote = '';
  for (let i = 0; i < line.length; i++) {
    const character = line[i]!;
    if (quote === "'" ? character === "'" : quote === '"' && character === '"') quote = '';
    else if (quote === '' && (character === "'" || character === '"')) {
      quote = character;
      word ??= '';
    } else if (character === '\\' && quote !== "'" && i + 1 < line.length) word = (word ?? '') + line[++i]!;
    else if (quote === '' && /\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + character;
  }
  // The last is the one under the cursor: '' behind a space.
  words.push(word ?? '');
  return words;
}
