import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { EntryBody, EntryDetails } from './entry-details.tsx';
import { Ends, EntryHeader } from './entry-header.tsx';
import { entry, side, textSide } from './testing.ts';

const nothing = () => undefined;
type Entry = ReturnType<typeof entry>;

function html(subject: Entry, tab: 'call' | 'connection' | 'entry' = 'call'): string {
  return renderToStaticMarkup(
    <>
      <EntryHeader call={subject} entry={subject} onClose={nothing} />
      <Ends call={subject} onFilter={nothing} />
      <EntryBody entry={subject} tab={tab} onTab={nothing} onFilter={nothing} />
    </>,
  );
}

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

describe('captured bytes are never markup', () => {
  const places: [string, Partial<Entry>][] = [
    ['an HTML body', { response: textSide(MARKUP, 'text/html') }],
    ['an SVG body', { response: textSide(MARKUP, 'image/svg+xml') }],
    ['JSON strings and keys', { response: textSide(JSON.stringify({ [MARKUP]: MARKUP })) }],
    ['broken JSON', { response: textSide(`{${MARKUP}`) }],
    ['a form', { request: textSide(`a=${encodeURIComponent(MARKUP)}`, 'application/x-www-form-urlencoded') }],
    ['header names and values', { request: side({ headers: [[MARKUP, MARKUP]] }) }],
    ['operation, target, status', { operation: MARKUP, target: `/?q=${MARKUP}`, status: MARKUP }],
    ['names of ends', { src: { ip: '1.2.3.4', port: 1, name: MARKUP } }],
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

describe('what the details say', () => {
  it('half a call, in words', () => {
    expect(html(entry({ outcome: 'no_response', response: null, status: '', elapsed: -1 }))).toContain(
      'No answer was seen.',
    );
    const midstream = { ...entry().capture, midstream: true, missing: 679 };
    const page = html(entry({ outcome: 'no_request', request: null, capture: midstream }));
    expect(page).toContain('The request was not captured: the stream was joined in the middle.');
    expect(page).toContain('679 bytes missing.');
  });

  it('a long body says its size and offers all of it and a file', () => {
    const page = html(entry({ response: textSide('x'.repeat(900_000), 'text/plain') }));
    expect(page).toContain('The first 256 kB are shown');
    expect(page).toContain('Show all');
    expect(page.length).toBeLessThan(400_000);
  });

  it('a header is a condition of the filter, quoted, its name in lower case', () => {
    const page = html(entry({ request: side({ headers: [['X-Note', 'say "hi"']] }) }));
    expect(page).toContain('request.headers[&quot;x-note&quot;] == &quot;say \\&quot;hi\\&quot;&quot;');
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
        docked="right"
        oldest={null}
      />,
    );
    expect(page).toContain('Reading the entry.');
  });
});
