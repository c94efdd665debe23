import { expect, test } from 'vitest';
import { lineWords } from './line-words.ts';

test.each([
  ['kubeshark', ['kubeshark']],
  ['kubeshark ', ['kubeshark', '']],
  ['kubeshark  deploy\t-n', ['kubeshark', 'deploy', '-n']],
  [`kubeshark read 'a b.pcap' "c\\"d" e\\ f`, ['kubeshark', 'read', 'a b.pcap', 'c"d', 'e f']],
  [`kubeshark --context 'a b`, ['kubeshark', '--context', 'a b']],
  [`kubeshark '' x`, ['kubeshark', '', 'x']],
  ['', ['']],
])('%s', (line, words) => {
  expect(lineWords(line)).toEqual(words);
});
