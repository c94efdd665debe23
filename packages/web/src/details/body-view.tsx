/** A body: pretty, raw or hex; only ever text of the page, never markup. */
import { type Body, formatCount, formatSize, type Side } from '@kubeshark/model';
import { useMemo, useState } from 'react';
import { bytesOf, cutText, SHOWN_AT_FIRST } from './body-bytes.ts';
import { type BodyDescription, describeBody, headerValue, parameters } from './body-kind.ts';
import { CopyButton } from './copy-button.tsx';
import type { OnFilter } from './filter-value.tsx';
import { Fold } from './fold.tsx';
import { HexView } from './hex-view.tsx';
import { parseJson } from './json-tree.ts';
import { JsonView } from './json-view.tsx';
import { PairTable } from './pair-table.tsx';
import { saveFile } from './save-file.ts';

type View = 'pretty' | 'raw' | 'hex';
const VIEWS: readonly (readonly [View, string])[] = [
  ['pretty', 'Pretty'],
  ['raw', 'Raw'],
  ['hex', 'Hex'],
];

export function BodyView({
  side,
  name,
  fileName,
  onFilter,
}: {
  side: Side;
  /** `Request` or `Response`. */
  name: string;
  fileName: string;
  onFilter: OnFilter;
}) {
  const { body } = side;
  const description = describeBody(headerValue(side.headers, 'content-type'), body?.text);
  const [view, setView] = useState<View>('pretty');
  const [all, setAll] = useState(false);
  const bytes = useMemo(() => (body ? bytesOf(body) : new Uint8Array(0)), [body]);
  if (!body) {
    if (side.bodySize === 0) return null;
    return (
      <Fold title="Body" note={formatSize(side.bodySize)}>
        <p className="body-note">The body was not kept.</p>
      </Fold>
    );
  }
  const long = bytes.length > SHOWN_AT_FIRST;
  const save = () => saveFile(bytes, `${fileName}.${description.extension}`);
  const actions = (
    <>
      <CopyButton
        text={() => body.text ?? body.base64 ?? ''}
        label={`Copy the body of the ${name.toLowerCase()}`}
      />
      <span className="seg small" role="group" aria-label={`${name} body as`}>
        {VIEWS.map(([key, label]) => (
          <button type="button" key={key} aria-pressed={view === key} onClick={() => setView(key)}>
            {label}
          </button>
        ))}
      </span>
    </>
  );
  return (
    <Fold title="Body" note={`${description.name} · ${formatSize(side.bodySize)}`} actions={actions}>
      <BodyNotes side={side} body={body} kept={bytes.length} />
      {long && (
        <p className="body-note">
          {formatSize(bytes.length)}. {all ? 'All of it is shown' : 'The first 256 kB are shown'}
          <button type="button" className="btn small" onClick={() => setAll(!all)}>
            {all ? 'Show the first 256 kB' : 'Show all'}
          </button>
          <button type="button" className="btn small" onClick={save}>
            Save
          </button>
        </p>
      )}
      {view === 'hex' ? (
        <HexView bytes={all || !long ? bytes : bytes.subarray(0, SHOWN_AT_FIRST)} />
      ) : (
        <BodyText
          body={body}
          description={description}
          view={view}
          limit={all ? Number.POSITIVE_INFINITY : SHOWN_AT_FIRST}
          label={`${name} body`}
          size={bytes.length}
          onSave={save}
          onFilter={onFilter}
        />
      )}
    </Fold>
  );
}

function BodyText({
  body,
  description,
  view,
  limit,
  label,
  size,
  onSave,
  onFilter,
}: {
  body: Body;
  description: BodyDescription;
  view: 'pretty' | 'raw';
  limit: number;
  label: string;
  size: number;
  onSave: () => void;
  onFilter: OnFilter;
}) {
  const shown = body.text === undefined ? undefined : cutText(body.text, limit);
  const json = useMemo(
    () =>
      view === 'pretty' && description.kind === 'json' && shown !== undefined ? parseJson(shown) : undefined,
    [view, description.kind, shown],
  );
  if (shown === undefined)
    return (
      <p className="body-note">
        {formatSize(size)} that are not text ({description.name}).
        <button type="button" className="btn small" onClick={onSave}>
          Save
        </button>
      </p>
    );
  if (json) return <JsonView value={json.value} label={label} />;
  if (view === 'pretty' && description.kind === 'form')
    return (
      <PairTable pairs={parameters(shown)} expression={() => undefined} first={50} onFilter={onFilter} />
    );
  const broken = view === 'pretty' && description.kind === 'json';
  return (
    <>
      {broken && (
        <p className="body-note">
          {shown.length < (body.text?.length ?? 0) || body.truncated
            ? 'The JSON is cut, so it is shown as text.'
            : 'This is not valid JSON, so it is shown as text.'}
        </p>
      )}
      <pre className={view === 'raw' ? 'raw' : 'raw wrap'} role="group" aria-label={label} tabIndex={0}>
        {shown}
      </pre>
    </>
  );
}

function BodyNotes({ side, body, kept }: { side: Side; body: Body; kept: number }) {
  const notes: string[] = [];
  if (body.error !== undefined)
    notes.push(`Could not be decoded: ${body.error}. These are the bytes as sent.`);
  else if (body.encoding !== undefined)
    notes.push(`Sent as ${body.encoding}; decoded it has ${formatCount(kept)} B.`);
  if (side.bodyTruncated) notes.push(`Only the beginning of ${formatCount(side.bodySize)} B was kept.`);
  else if (body.truncated) notes.push(`Only the beginning is here: ${formatCount(kept)} B.`);
  return notes.map((note) => (
    <p key={note} className={body.error !== undefined ? 'body-note warn' : 'body-note'}>
      {note}
    </p>
  ));
}
