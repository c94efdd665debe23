/** One half of a call: headers, parameters, the protocol's fields, body. */
import { type Entry, formatCount } from '@kubeshark/model';
import { Size } from '../components/measure.tsx';
import { queryOf } from './body-kind.ts';
import { BodyView } from './body-view.tsx';
import { equalsAt, equalsColumn } from './expressions.ts';
import type { OnFilter } from './filter-value.tsx';
import { Fold } from './fold.tsx';
import { PairTable } from './pair-table.tsx';
import { ProtocolFields } from './protocol-fields.tsx';
import { missingSide } from './state-words.ts';

export function SideView({
  entry,
  which,
  onFilter,
}: {
  entry: Entry;
  which: 'request' | 'response';
  onFilter: OnFilter;
}) {
  const side = entry[which];
  const name = which === 'request' ? 'Request' : 'Response';
  const query = which === 'request' && entry.protocol === 'http' ? queryOf(entry.target) : [];
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
              <Fold title="Headers" count={side.headers.length}>
                <PairTable
                  pairs={side.headers}
                  // The language takes names in any case; lower case is how people write them.
                  expression={(key, value) => equalsAt(`${which}.headers`, key.toLowerCase(), value)}
                  onFilter={onFilter}
                />
              </Fold>
            )}
            {query.length > 0 && (
              <Fold title="Query parameters" count={query.length}>
                <PairTable
                  pairs={query}
                  expression={(key, value) => equalsAt('query', key, value)}
                  onFilter={onFilter}
                />
              </Fold>
            )}
            <ProtocolFields
              fields={side.fields}
              title="Fields"
              expression={(_, value) => equalsColumn(entry, value)}
              onFilter={onFilter}
            />
            <BodyView
              side={side}
              name={name}
              fileName={`${entry.id}-${which}`.replace(/[^\w.-]/g, '_')}
              onFilter={onFilter}
            />
          </>
        )}
      </div>
    </section>
  );
}
