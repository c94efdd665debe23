// Messages made to hurt: names that loop, counts that lie, bytes turned at random. Nothing throws, everything ends soon.
import { LIMITS } from '@kubeshark/model';
import { expect, test } from 'vitest';
import { random } from '../../testing.ts';
import { messageFields } from './fields-of.ts';
import { nameText, skipName } from './name.ts';
import { Type } from './numbers.ts';
import { message, opt, record, u16, wireName } from './testing.ts';

const span = (bytes: Buffer) => ({ bytes, start: 0, end: bytes.length });
const HEADER = Buffer.alloc(12);

test.each([
  ['a pointer to itself', [0xc0, 12]],
  ['two that point at each other', [0xc0, 14, 0xc0, 12]],
  ['a pointer forward', [0xc0, 20, 0, 0, 0, 0, 0, 0, 1, 0x61, 0]],
  ['a label, then a pointer to that label', [1, 0x61, 0xc0, 12]],
  ['a pointer beyond the end', [0xff, 0xff]],
  ['half a pointer', [0xc0]],
  ['a label beyond the end', [5, 0x61]],
  ['no end', [1, 0x61]],
  ['a label of a reserved kind', [0x41, 0x61, 0]],
])('%s is no name', (_, bytes) => {
  expect(nameText(span(Buffer.from([...HEADER, ...bytes])), 12)).toBeNull();
});

test('a name of 255 octets is one, of 256 none; so many pointers are followed and no more', () => {
  const label = Buffer.from([63, ...Buffer.alloc(63, 0x61)]);
  const long = (last: number) =>
    Buffer.concat([
      HEADER,
      label,
      label,
      label,
      Buffer.from([last]),
      Buffer.alloc(last, 0x62),
      Buffer.from([0]),
    ]);
  expect(nameText(span(long(61)), 12)).toHaveLength(253);
  expect(nameText(span(long(62)), 12)).toBeNull();

  const chain = (pointers: number) => {
    const bytes = Buffer.alloc(12 + 2 + pointers * 2);
    for (let i = 0; i < pointers; i++) bytes.writeUInt16BE(0xc000 | (12 + i * 2), 14 + i * 2);
    return nameText(span(bytes), bytes.length - 2);
  };
  expect([chain(LIMITS.dnsPointers), chain(LIMITS.dnsPointers + 1)]).toEqual(['.', null]);
});

test('more questions than are read leave the records unread, and say how many', () => {
  const questions = Array.from({ length: LIMITS.dnsRecords + 1 }, (): [string, number] => ['', Type.A]);
  const fields = messageFields(span(message({ questions, answers: [record('', Type.A, Buffer.alloc(4))] })));
  expect([fields.questions.length, fields.answers.length, fields.missingRecords]).toEqual([
    LIMITS.dnsRecords,
    0,
    1,
  ]);
});

test('more records than are shown are counted', () => {
  const answers = Array.from({ length: LIMITS.dnsRecords + 5 }, () => record('', Type.A, Buffer.alloc(4)));
  const fields = messageFields(span(message({ answers })));
  expect([fields.answers.length, fields.missingRecords]).toEqual([LIMITS.dnsRecords, 5]);
});

test('an IPv4-mapped address in AAAA stays an IPv6 address', () => {
  const mapped = Buffer.from([...Buffer.alloc(10), 0xff, 0xff, 10, 0, 0, 1]);
  const { answers } = messageFields(span(message({ answers: [record('a', Type.AAAA, mapped)] })));
  expect(answers[0]?.data).toBe('::ffff:10.0.0.1');
});

test('the slowest message there is takes a few milliseconds: 2,000 names, each along 128 pointers', () => {
  // The chain stands in the data of a first record, whose own name is the root.
  const base = HEADER.length + 11;
  const pointerTo = (at: number) => u16(0xc000 | at);
  const chain = [wireName('a'), pointerTo(base)];
  const firstPointer = base + 3;
  while (chain.length < LIMITS.dnsPointers) chain.push(pointerTo(firstPointer + (chain.length - 2) * 2));
  const deepest = pointerTo(firstPointer + (chain.length - 2) * 2);
  const answer = Buffer.concat([deepest, u16(Type.MX, 1, 0, 60, 4, 1), deepest]);
  const bytes = message({
    response: true,
    answers: [record('', Type.NULL, Buffer.concat(chain)), ...Array.from({ length: 1_999 }, () => answer)],
  });
  const begun = process.cpuUsage();
  const { answers } = messageFields(span(bytes));
  expect(process.cpuUsage(begun).user).toBeLessThan(300_000);
  expect(answers).toHaveLength(2_000);
  expect(answers[1_999]).toMatchObject({ name: 'a', data: '1 a' });
});

test('random bytes and messages with bytes turned: lists within the counts, no throw, no loop', () => {
  const next = random(1035);
  const wrong: string[] = [];
  const below = (n: number) => Math.floor(next() * n);
  const whole = message({
    response: true,
    questions: [['shop.test', Type.A]],
    answers: [
      record('shop.test', Type.MX, Buffer.concat([u16(10), wireName('mail.test')])),
      record('shop.test', Type.SOA, Buffer.concat([wireName('a.b'), wireName('c.d'), Buffer.alloc(20, 1)])),
      record('shop.test', Type.TXT, Buffer.from([3, 0x61, 0x62, 0x63, 1, 0xff])),
      record('shop.test', Type.HTTPS, Buffer.from([0, 1, 0, 0, 1, 0, 3, 2, 0x68, 0x32])),
      record('shop.test', Type.NSEC, Buffer.concat([wireName('x.test'), Buffer.from([0, 1, 0x40])])),
    ],
    additionals: [opt(1232, 0, [[8, Buffer.from([0, 1, 24, 0, 192, 0, 2])]])],
  });
  for (let round = 0; round < 20_000; round++) {
    const bytes =
      below(4) === 0
        ? Buffer.from(Array.from({ length: 12 + below(80) }, () => below(256)))
        : Buffer.from(whole);
    for (let turns = below(6); turns > 0; turns--)
      bytes[below(bytes.length)] = below(3) === 0 ? 0xc0 : below(256);
    const end = below(8) === 0 ? 12 + below(bytes.length - 11) : bytes.length;
    const message = { bytes, start: 0, end };
    const { answers, authorities, additionals, edns, missingRecords = 0 } = messageFields(message);
    const shown = answers.length + authorities.length + additionals.length + (edns ? 1 : 0);
    const counted = bytes.readUInt16BE(6) + bytes.readUInt16BE(8) + bytes.readUInt16BE(10);
    if (shown + missingRecords !== counted) wrong.push(`${bytes.toString('hex')} to ${end}`);
    const after = skipName(bytes, 12, end);
    if (after > end) wrong.push(bytes.toString('hex'));
  }
  expect(wrong).toEqual([]);
});
