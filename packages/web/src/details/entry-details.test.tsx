import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { EntryBody, EntryDetails } from './entry-details.tsx';
import { Ends, EntryHeader } from './entry-header.tsx';
import { stateWords } from './state-words.ts';
import { entry, side, textSide } from './testing.ts';

const nothing = () => undefined;
type Entry = ReturnType<typeof entry>;

function html(subject: Entry, tab: 'call' | 'connection' | 'entry' = 'call'): string {
  return renderToStaticMarkup(
    <>
      <EntryHeader call={subject} entry={subject} onClose={nothing} />
      <Ends call={subject} onFilter={nothing} />
      <EntryBody entry={subject} tab={tab} brief={false} onTab={nothing} onFilter={nothing} />
    </>,
  );
}

/** Of the page, what is read. */
const text = (subject: Entry) => html(subject).replace(/<[^>]*>/g, ' ');

/** What an attacker wants to see made into an element. */
const MARKUP = '<img src=x onerror="alert(1)"><script>alert(2)</script><svg/onload=alert(3)>';

/** Elements of the page that can run or load something; the icons are its only svg. */
function dangerous(page: string): string[] {
  return (
    page.match(
      /<(img|script|iframe|object|embed|a|link|base|form|meta|svg(?! [^>]*class="(lucide|oc)))\b[^>]*>/g,
    ) ?? []
  );
}

describe('who an end is in the cluster', () => {
  const dst = {
    ip: '10.96.0.7',
    port: 80,
    name: 'cart-0',
    pod: { name: 'cart-0', namespace: 'shop', uid: 'u' },
    service: { name: 'cart', namespace: 'shop' },
    workload: { kind: 'StatefulSet', name: 'cart-set' },
    labels: { 'app.kubernetes.io/name': 'cart-label' },
  };

  it('stands beside the connection, with its labels', () => {
    const page = html(entry({ dst }), 'connection').replace(/<[^>]*>/g, ' ');
    for (const word of [
      'Server',
      'cart-0',
      'StatefulSet',
      'cart-set',
      'app.kubernetes.io/name',
      'cart-label',
    ])
      expect(page).toContain(word);
  });

  it('is left out where only an address is known', () => {
    const page = html(entry({ src: { ip: '10.0.0.1', port: 4 } }), 'connection');
    expect(page).not.toContain('Client');
  });
});

describe('captured bytes are never markup', () => {
  const places: [string, Partial<Entry>][] = [
    ['an HTML body', { response: textSide(MARKUP, 'text/html') }],
    ['an SVG body', { response: textSide(MARKUP, 'image/svg+xml') }],
    ['JSON strings and keys', { response: textSide(JSON.stringify({ [MARKUP]: MARKUP })) }],
    ['broken JSON', { response: textSide(`{${MARKUP}`) }],
    ['a form', { request: textSide(`a=${encodeURIComponent(MARKUP)}`, 'application/x-www-form-urlencoded') }],
    ['header names and values', { request: side({ headers: [[MARKUP, MARKUP]] }) }],
    ['operation, target, status', { operation: MARKUP, target: `/?q=${MARKUP}`, status: MARKUP }],
    [
      'names of ends',
      { src: { ip: '1.2.3.4', port: 1, name: MARKUP, node: { name: MARKUP }, labels: { [MARKUP]: MARKUP } } },
    ],
    [
      'protocol fields',
      { response: side({ fields: { answers: [{ name: MARKUP }], [MARKUP]: { [MARKUP]: 1 } } }) },
    ],
    [
      'the media type',
      {
        response: side({
          headers: [['content-type', MARKUP]],
          bodySize: 9,
          body: { base64: 'AA==', truncated: false },
        }),
      },
    ],
    [
      'a decoding error',
      { response: side({ bodySize: 1, body: { text: 'x', truncated: false, error: MARKUP } }) },
    ],
  ];
  for (const [place, change] of places) {
    it(`${place}: shown as text, no element comes of it`, () => {
      const page = html(entry(change));
      expect(page).toContain('&lt;');
      expect(dangerous(page)).toEqual([]);
      // Outside of quoted attributes there is no handler either.
      expect(page.replace(/"[^"]*"/g, '""')).not.toMatch(/<[^>]*\son\w+=/);
    });
  }

  it('the check would see an element if there was one', () => {
    expect(dangerous(MARKUP)).toHaveLength(3);
    expect(dangerous('<a href="javascript:alert(1)">')).toHaveLength(1);
  });

  it('addresses in headers and bodies are never links', () => {
    const page = html(
      entry({
        request: side({ headers: [['Location', 'javascript:alert(1)']] }),
        response: textSide('{"url":"javascript:alert(1)","more":"https://example.com/"}'),
      }),
    );
    expect(page).toContain('javascript:alert(1)');
    expect(page).not.toMatch(/href=|src=|<a\b/);
  });

  it('nothing of it is on the other tabs either', () => {
    const hostile = entry({ flow: MARKUP, response: textSide(MARKUP), fields: { [MARKUP]: MARKUP } });
    expect(dangerous(html(hostile, 'connection'))).toEqual([]);
    expect(dangerous(html(hostile, 'entry'))).toEqual([]);
  });
});

describe('captured text turns and hides nothing', () => {
  const UNSEEN = '\u202e\u200b\u001b';
  const places: [string, Partial<Entry>][] = [
    ['operation, target, status', { operation: UNSEEN, target: `/${UNSEEN}`, status: UNSEEN }],
    ['names of ends', { src: { ip: '1.2.3.4', port: 1, name: UNSEEN } }],
    ['header names and values', { request: side({ headers: [[UNSEEN, UNSEEN]] }) }],
    ['a form', { request: textSide(`a=${encodeURIComponent(UNSEEN)}`, 'application/x-www-form-urlencoded') }],
    ['a text body', { response: textSide(`a\r\n${UNSEEN}`, 'text/plain') }],
    ['JSON strings and keys', { response: textSide(JSON.stringify({ [UNSEEN]: UNSEEN })) }],
    [
      'protocol fields',
      {
        response: side({ fields: { answers: [{ name: UNSEEN }], [UNSEEN]: UNSEEN, deep: { a: [UNSEEN] } } }),
      },
    ],
  ];
  for (const [place, change] of places)
    it(`${place}: an escape for each, on every tab and in every tooltip`, () => {
      for (const tab of ['call', 'connection', 'entry'] as const) {
        // Ids are nobody's to read.
        const page = html(entry(change), tab).replaceAll(/ (?:id|aria-activedescendant)="[^"]*"/g, '');
        expect(UNSEEN.split('').filter((character) => page.includes(character))).toEqual([]);
        if (tab === 'call') expect(page.includes('\\u202e')).toBe(true);
      }
    });
});

describe('what the details say', () => {
  it('half a call, in words', () => {
    expect(html(entry({ outcome: 'no_response', response: null, status: '', elapsed: -1 }))).toContain(
      'No answer was seen.',
    );
    const midstream = { ...entry().capture, midstream: true, missing: 679 };
    const page = html(entry({ outcome: 'no_request', request: null, capture: midstream }));
    expect(page).toContain('The request was not captured: the stream was joined in the middle.');
    expect(page).toContain('679 bytes were not captured.');
  });

  it('bytes that were lost of a call that went well: how many, of which side, as a warning', () => {
    const capture = { ...entry().capture, missing: 831_152 };
    const cut = { bodySize: 5_242_880, bodyTruncated: true, body: { text: 'x', truncated: true } };
    const page = html(entry({ outcome: 'ok', capture, request: side(cut) }));
    expect(page).toContain('<p class="d-state warn">831,152 bytes of the request were not captured.</p>');
    const both = text(entry({ capture, request: side(cut), response: side(cut) }));
    expect(both).toContain('831,152 bytes of the request and the response were not captured.');
  });

  it('what is malformed is said to be that, not to be missing', () => {
    const response = side({ fields: { status: 200, anomaly: 'http_bad_chunk' } });
    const page = text(entry({ outcome: 'incomplete', response }));
    expect(page).toContain('The response is malformed: a chunk of its body has no valid size');
    expect(page).not.toContain('captured.');
    expect(text(entry({ outcome: 'incomplete', response: side() }))).toContain('Not all of it was captured.');
    expect(text(entry({ request: side({ fields: { anomaly: 'http_later' } }) }))).toContain(
      'The request is malformed (http_later).',
    );
  });

  const flow = (change: Partial<Entry>) =>
    entry({
      kind: 'flow',
      protocol: 'tcp',
      version: '',
      operation: 'connection',
      target: '10.42.1.9:8080',
      status: 'open',
      outcome: 'ok',
      request: null,
      response: null,
      fields: {
        state: 'established',
        calls: 0,
        client: { packets: 12, syn: true },
        server: { packets: 1_448 },
      },
      ...change,
    });

  it.each<[string, Partial<Entry>, string]>([
    ['without calls', {}, 'No call was recognised in it'],
    ['with calls', { fields: { calls: 1 } }, '1 call was recognised in it.'],
    ['unanswered', { outcome: 'no_response', status: 'no answer' }, 'Nothing came back.'],
    ['refused', { outcome: 'reset', status: 'refused' }, 'The connection was refused.'],
    ['reset', { outcome: 'reset', status: 'reset' }, 'The connection was reset.'],
    ['with a hole', { capture: { ...entry().capture, missing: 1_448 } }, '1,448 bytes were not captured.'],
  ])('a flow %s, in words of its own', (_, change, words) => {
    const page = text(flow(change));
    expect(page).toContain(words);
    expect(page).not.toMatch(/request|response|answer was|before the call/i);
  });

  it('what is said of a flow that went well has no colour of success', () => {
    expect(html(flow({ state: 'closed', status: 'closed' }))).toContain('class="d-state sec"');
    expect(html(flow({ state: 'closed', outcome: 'reset', status: 'reset' }))).toContain(
      'class="d-state o-reset"',
    );
  });

  it('a flow shows what each end sent; without counters it says so', () => {
    const page = html(flow({}));
    expect(page).toContain('Both directions');
    expect(page).toMatch(/Sent by the client.*packets.*12.*SYN.*seen.*Sent by the server.*1,448/);
    expect(page).toContain('lasted');
    expect(html(flow({ fields: {} }))).toContain('No counters came with this entry.');
  });

  it('ICMP messages say nothing of calls', () => {
    expect(text(flow({ protocol: 'icmp', transport: 'icmpv6', operation: 'echo' }))).not.toContain('call');
  });

  it('who ended a call that was not answered, and after what time', () => {
    const unanswered = { outcome: 'no_response', response: null, status: '', elapsed: -1 } as const;
    const closedBy = (side: string, change: Partial<Entry> = unanswered) =>
      stateWords(entry({ ...change, fields: { closedBy: side, closedAfter: 1_000_000 } })).join(' ');
    expect(closedBy('client')).toBe('The client gave up after 1.000 s.');
    expect(closedBy('server')).toBe('The server closed the connection after 1.000 s, without an answer.');
    expect(closedBy('client', { outcome: 'reset' })).toBe(
      'The client gave up after 1.000 s, before the answer had ended, with a reset.',
    );
  });

  it('a long text says its size and how its lines are shown, and offers its pages and a file', () => {
    const page = html(entry({ response: textSide('x'.repeat(900_000), 'text/plain') })).replaceAll(
      '<!-- -->',
      '',
    );
    expect(page).toContain('900.0 kB. It is shown a page at a time.');
    expect(page).toContain(
      '1 line of more than 500 characters is broken here; copied and saved it is whole.',
    );
    expect(page).toContain('Page 1 of 4');
    expect(page).toContain('>Save<');
    expect(page.length).toBeLessThan(400_000);
  });

  it('a long document is text until its tree is asked for', () => {
    const page = html(entry({ response: textSide(JSON.stringify(Array(100_000).fill(1234))) })).replaceAll(
      '<!-- -->',
      '',
    );
    expect(page).toContain('It is shown as text, a page at a time.');
    expect(page).toContain('Show the tree');
    expect(page).not.toContain('not valid JSON');
  });

  it('a text of characters that nobody sees opens as bytes', () => {
    const page = html(
      entry({ response: textSide('\u0001'.repeat(200), 'application/octet-stream') }),
    ).replaceAll('<!-- -->', '');
    expect(page).toContain('200 B, many of the characters unseen.');
    expect(page).toContain('01 01 01');
    expect(page).toContain('aria-pressed="true">Hex<');
  });

  it('of more headers than are listed it says how many there are, and offers them all', () => {
    const headers = Array.from({ length: 1_000 }, (_, i): [string, string] => [`h${i}`, '']);
    const request = side({ headers, furtherHeaders: { count: 19_000, text: '' } });
    const page = html(entry({ request }));
    expect(page).toContain('1,000 of 20,000 are listed');
    expect(page).toContain('Save all of them');
  });

  it('bytes that are no text are shown as such at once, with one way to save them', () => {
    const body = { base64: Buffer.alloc(600_000, 255).toString('base64'), truncated: false };
    const page = html(entry({ response: side({ bodySize: 600_000, body }) }));
    expect(page).toContain('ff ff ff');
    expect(page.match(/>Save</g)).toHaveLength(1);
  });

  it('a header is a condition of the filter, quoted, its name in lower case', () => {
    const page = html(entry({ request: side({ headers: [['X-Note', 'say "hi"']] }) }));
    expect(page).toContain('request.headers[&quot;x-note&quot;] == &quot;say \\&quot;hi\\&quot;&quot;');
  });

  it('a header that was overwritten is no condition', () => {
    const capture = { ...entry().capture, redacted: [['requestHead', 40, 5]] as [string, number, number][] };
    const request = side({
      headers: [
        ['Cookie', '*****'],
        ['X-Stars', '***'],
      ],
    });
    const page = html(entry({ capture, request }));
    expect(page).not.toContain('request.headers[&quot;cookie&quot;]');
    expect(page).toContain('request.headers[&quot;x-stars&quot;]');
  });

  it('before the entry is read the row stands in for it, or nothing but a word', () => {
    const page = renderToStaticMarkup(
      <EntryDetails
        id="b.1.0"
        row={null}
        tab=""
        onTab={nothing}
        onFilter={nothing}
        onClose={nothing}
        onOpen={nothing}
        docked="right"
        brief={false}
        oldest={null}
        notListed={null}
      />,
    );
    expect(page).toContain('Reading the entry.');
  });
});
