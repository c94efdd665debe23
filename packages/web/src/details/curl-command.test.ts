import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { curlCommand, shellQuote } from './curl-command.ts';
import { entry, side, textSide } from './testing.ts';

/** The arguments that bash sees in a command. */
function bashArguments(command: string): string[] {
  const out = execFileSync('bash', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' });
  return out.split('\0').slice(0, -1);
}

describe('shell quoting', () => {
  const hostile = [
    '',
    "it's",
    '$(touch /tmp/x) `id` ; rm -rf / && echo "hi" \\',
    "'; id #",
    'a\nb\r\nc\td',
    "\u0003\u001b[201~'; id\n",
    '-o/etc/passwd',
    '\u009b2J\u2028é😀!!',
    "\\'\n",
  ];
  for (const value of hostile) {
    it(`is one argument of bash, unchanged: ${JSON.stringify(value)}`, () => {
      expect(bashArguments(shellQuote(value))).toEqual([value]);
    });
  }

  it('never puts a control character or a line end in front of a terminal', () => {
    for (const value of hostile) expect(shellQuote(value)).not.toMatch(/\p{Cc}|\u2028/u);
  });
});

describe('copy as cURL', () => {
  it('repeats method, address, headers and body', () => {
    const made = curlCommand(entry());
    expect(made?.lacks).toBeUndefined();
    expect(made?.command()).toBe(
      `curl --request 'POST' --globoff 'http://10.42.1.9:8080/api/v1/orders' --header 'Content-Type: application/json' --data-raw '{"orderId":"ord_7Zq41"}'`,
    );
  });

  it('takes the host asked for, leaves out what curl computes, and sends empty headers empty', () => {
    const headers: [string, string][] = [
      ['Host', 'shop:8080'],
      ['Content-Length', '3'],
      ['Transfer-Encoding', 'chunked'],
      ['X-Empty', ''],
    ];
    const made = curlCommand(entry({ operation: 'GET', request: side({ headers }) }));
    expect(made?.command()).toBe(
      `curl --globoff 'http://shop:8080/api/v1/orders' --header 'Host: shop:8080' --header 'X-Empty;'`,
    );
  });

  it('does not let captured text name a file, an option or another host', () => {
    const request = textSide('@/etc/passwd', 'text/plain');
    request.headers.push(['@/etc/passwd', ''], ['Host', "x' --output /tmp/y '"], ['-K', 'evil']);
    const args = bashArguments(curlCommand(entry({ operation: '-o/tmp/x', request }))?.command() ?? '');
    expect(args[args.indexOf('--request') + 1]).toBe('-o/tmp/x');
    expect(args.at(-2)).toBe('--data-raw');
    expect(args.filter((arg) => arg.startsWith('@'))).toEqual(['@/etc/passwd']);
    expect(args).toContain('http://10.42.1.9:8080/api/v1/orders');
    expect(args).not.toContain('--output');
  });

  it('says what it lacks: bytes that are not text, a body that was cut', () => {
    const binary = side({ body: { base64: 'AAE=', truncated: false }, bodySize: 2 });
    expect(curlCommand(entry({ request: binary }))?.lacks).toContain('not text');
    expect(curlCommand(entry({ request: { ...textSide('x'), bodyTruncated: true } }))?.lacks).toContain(
      'not kept',
    );
  });

  it('leaves out what was overwritten, and says so in a comment; stars that were sent stay', () => {
    const headers: [string, string][] = [
      ['Authorization', '*'.repeat(12)],
      ['`id`', '*'.repeat(12)],
      ['X-Stars', '***'],
    ];
    const capture = { ...entry().capture, redacted: [['requestHead', 40, 12]] as [string, number, number][] };
    const made = curlCommand(entry({ operation: 'GET', request: side({ headers }), capture }));
    expect(made?.command()).toBe(
      "# Authorization was overwritten on the node\ncurl --globoff 'http://10.42.1.9:8080/api/v1/orders' --header 'X-Stars: ***'",
    );
    expect(made?.lacks).toBe('Authorization: overwritten on the node');
  });

  it('is there for HTTP requests that were seen alone', () => {
    expect(curlCommand(entry({ request: null }))).toBeUndefined();
    expect(curlCommand(entry({ protocol: 'dns' }))).toBeUndefined();
  });
});
