/** One half of a call: headers, parameters, the protocol's fields, body. */
import { type Entry, formatCount, type Side } from '@kubeshark/model';
import { Size } from '../components/measure.tsx';
import { queryOf } from './body-kind.ts';
import { BodyView } from './body-view.tsx';
import { equalsAt, equalsColumn } from './expressions.ts';
import type { OnFilter } from './filter-value.tsx';
import { Fold } from './fold.tsx';
import { isOverwritten } from './overwritten.ts';
import { PairTable, pairsInShort } from './pair-table.tsx';
import { ProtocolFields } from './protocol-fields.tsx';
import { saveFile } from './save-file.ts';
import { missingSide } from './state-words.ts';

/** Whether the reader has folded or opened headers: it holds for the next entries too. */
let headersLeft: boolean | null = null;

export function SideView({
  entry,
  which,
  brief,
  onFilter,
}: {
  entry: Entry;
  which: 'request' | 'response';
  brief: boolean;
  onFilter: OnFilter;
}) {
  const side = entry[which];
  const name = which === 'request' ? 'Request' : 'Response';
  const query = which === 'request' && entry.protocol === 'http' ? queryOf(entry.target) : undefined;
  // It is the body that people come for.
  const short = brief && side !== null && side.bodySize > 0;
  const fileName = `${entry.id}-${which}`.replace(/[^\w.-]/g, '_');
  return (
    <section className="half" aria-label={name}>
      <div className="half-bar">
        <h2>{name}</h2>
        {side && (
          <span className="dim num" title={`${formatCount(side.size)} B`}>
            <Size bytes={side.size} />
          </span>
        )}
      </div>
      <div className="half-body">
        {side === null ? (
          <p className="body-note">{missingSide(entry, which)}</p>
        ) : (
          <>
            {side.headers.length > 0 && (
              <Fold
                title="Headers"
                count={side.headers.length + (side.furtherHeaders?.count ?? 0)}
                folded={headersLeft ?? short}
                summary={pairsInShort(side.headers)}
                onFold={(folded) => {
                  headersLeft = folded;
                }}
              >
                <PairTable
                  pairs={side.headers}
                  // The language takes names in any case; lower case is how people write them.
                  expression={(key, value) =>
                    isOverwritten(entry, which, value)
                      ? undefined
                      : equalsAt(`${which}.headers`, key.toLowerCase(), value)
                  }
                  onFilter={onFilter}
                />
                <FurtherHeaders side={side} fileName={fileName} />
                {entry.capture.headTruncated && (
                  <p className="body-note">The head of one side was too long: its end was not kept.</p>
                )}
              </Fold>
            )}
            {query && query.pairs.length > 0 && (
              <Fold
                title="Query parameters"
                count={query.pairs.length + query.more}
                folded={short}
                summary={pairsInShort(query.pairs)}
              >
                <PairTable
                  pairs={query.pairs}
                  expression={(key, value) => equalsAt('query', key, value)}
                  onFilter={onFilter}
                />
                {query.more > 0 && (
                  <p className="body-note">
                    The first {formatCount(query.pairs.length)} are listed. The target holds them all.
                  </p>
                )}
              </Fold>
            )}
            <ProtocolFields
              fields={side.fields}
              title="Fields"
              folded={short}
              expression={(_, value) => equalsColumn(entry, value)}
              onFilter={onFilter}
            />
            <BodyView
              side={side}
              capture={entry.capture}
              name={name}
              fileName={fileName}
              onFilter={onFilter}
            />
          </>
        )}
      </div>
    </section>
  );
}

/** Those that are not listed one by one. */
function FurtherHeaders({ side: { headers, furtherHeaders }, fileName }: { side: Side; fileName: string }) {
  if (!furtherHeaders) return null;
  const save = () => {
    const listed = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    saveFile(new TextEncoder().encode(listed + furtherHeaders.text), `${fileName}-headers.txt`);
  };
  return (
    <p className="body-note">
      {formatCount(headers.length)} of {formatCount(headers.length + furtherHeaders.count)} are listed;
      filters look at these.
      <button type="button" className="btn small" onClick={save}>
        Save all of them
      </button>
    </p>
  );
}
