/** A body: pretty, raw or hex; only ever text of the page, never markup. */
import { type Entry, formatCount, formatSize, type Side } from '@kubeshark/model';
import { useMemo, useState } from 'react';
import { bytesOf, isHardlyText, SHOWN_AT_FIRST } from './body-bytes.ts';
import { type BodyDescription, describeBody, headerValue, parameters } from './body-kind.ts';
import { bodyNotes } from './body-notes.ts';
import { CopyButton } from './copy-button.tsx';
import { cutText } from './cut-text.ts';
import type { OnFilter } from './filter-value.tsx';
import { Fold } from './fold.tsx';
import { HexView } from './hex-view.tsx';
import { isJson, parseJson } from './json-tree.ts';
import { JsonView } from './json-view.tsx';
import { PairTable } from './pair-table.tsx';
import { saveFile } from './save-file.ts';
import { TextView } from './text-view.tsx';

type View = 'pretty' | 'raw' | 'hex';
const VIEWS: readonly (readonly [View, string])[] = [
  ['pretty', 'Pretty'],
  ['raw', 'Raw'],
  ['hex', 'Hex'],
];

export function BodyView({
  side,
  capture,
  name,
  fileName,
  onFilter,
}: {
  side: Side;
  capture: Entry['capture'];
  /** `Request` or `Response`. */
  name: string;
  fileName: string;
  onFilter: OnFilter;
}) {
  const { body } = side;
  const description = describeBody(headerValue(side.headers, 'content-type'), body?.text);
  const [chosen, setView] = useState<View>();
  const [all, setAll] = useState(false);
  const bytes = useMemo(() => (body ? bytesOf(body) : new Uint8Array(0)), [body]);
  const notes = bodyNotes(side, capture, bytes.length).map((note) => (
    <p key={note} className={body?.error === undefined ? 'body-note' : 'body-note warn'}>
      {note}
    </p>
  ));
  if (side.bodySize === 0 && bytes.length === 0) return null;
  if (!body || bytes.length === 0)
    return (
      <Fold title="Body" note={formatSize(side.bodySize)}>
        {notes}
      </Fold>
    );
  const binary = description.kind === 'binary';
  const hardlyText = description.kind === 'text' && isHardlyText(body.text ?? '');
  const view = binary ? 'hex' : (chosen ?? (hardlyText ? 'hex' : 'pretty'));
  const long = bytes.length > SHOWN_AT_FIRST;
  // As text and as bytes all of it is there, a page at a time.
  const folded = long && view === 'pretty' && (description.kind === 'json' || description.kind === 'form');
  const actions = (
    <>
      <CopyButton
        text={() => body.text ?? body.base64 ?? ''}
        label={`Copy the body of the ${name.toLowerCase()}${binary ? ' as base64' : ''}`}
      />
      {!binary && (
        <span className="seg small" role="group" aria-label={`${name} body as`}>
          {VIEWS.map(([key, label]) => (
            <button type="button" key={key} aria-pressed={view === key} onClick={() => setView(key)}>
              {label}
            </button>
          ))}
        </span>
      )}
    </>
  );
  return (
    <Fold title="Body" note={`${description.name} · ${formatSize(side.bodySize)}`} actions={actions}>
      {notes}
      {(long || binary || hardlyText) && (
        <p className="body-note">
          {formatSize(bytes.length)}
          {binary ? ' that are not text' : hardlyText && ', many of the characters unseen'}.
          {long && !folded && ' It is shown a page at a time.'}
          {folded && (
            <>
              {foldedWords(description.kind, all)}
              <button type="button" className="btn small" onClick={() => setAll(!all)}>
                {all ? 'Show less' : description.kind === 'json' ? 'Show the tree' : 'Show all'}
              </button>
            </>
          )}
          <button
            type="button"
            className="btn small"
            onClick={() => saveFile(bytes, `${fileName}.${description.extension}`)}
          >
            Save
          </button>
        </p>
      )}
      {view === 'hex' ? (
        <HexView bytes={bytes} />
      ) : (
        <BodyText
          text={body.text ?? ''}
          truncated={body.truncated}
          description={description}
          view={view}
          all={all || !long}
          label={`${name} body`}
          onFilter={onFilter}
        />
      )}
    </Fold>
  );
}

function foldedWords(kind: BodyDescription['kind'], all: boolean): string {
  if (all) return ' All of it is read.';
  return kind === 'json'
    ? ' It is shown as text, a page at a time.'
    : ' Fields in its first 256 kB are listed.';
}

function BodyText({
  text,
  truncated,
  description,
  view,
  all,
  label,
  onFilter,
}: {
  text: string;
  /** There was more of it. */
  truncated: boolean;
  description: BodyDescription;
  view: 'pretty' | 'raw';
  /** Also of a long one. */
  all: boolean;
  label: string;
  onFilter: OnFilter;
}) {
  const pretty = view === 'pretty' ? description.kind : 'text';
  const parsed = pretty === 'json' && all;
  const json = useMemo(() => (parsed ? parseJson(text) : undefined), [parsed, text]);
  const broken = useMemo(() => parsed && json === undefined && !isJson(text), [parsed, json, text]);
  if (json) return <JsonView value={json.value} label={label} />;
  if (pretty === 'form') {
    const { pairs, more } = parameters(all ? text : cutText(text, SHOWN_AT_FIRST));
    return (
      <>
        <PairTable pairs={pairs} expression={() => undefined} first={50} onFilter={onFilter} />
        {more > 0 && (
          <p className="body-note">{formatCount(more)} more are not listed: Raw shows them all.</p>
        )}
      </>
    );
  }
  return (
    <>
      {broken && (
        <p className="body-note">
          {truncated
            ? 'The JSON is cut, so it is shown as text.'
            : 'This is not valid JSON, so it is shown as text.'}
        </p>
      )}
      <TextView text={text} wrap={view === 'pretty'} label={label} />
    </>
  );
}
