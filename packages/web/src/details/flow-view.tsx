/** What each end of a flow sent: packets and bytes, and what happened to them. */
import { type Entry, formatCount } from '@kubeshark/model';
import type { OnFilter } from './filter-value.tsx';
import { Fold } from './fold.tsx';
import { PairTable } from './pair-table.tsx';

/** Counters of one end as the entry names them (`docs/entry.md`), in words. */
const WORDS: Readonly<Record<string, string>> = {
  packets: 'packets',
  bytes: 'wire bytes',
  payloadBytes: 'payload bytes',
  retransmittedBytes: 'sent again',
  outOfOrder: 'out of order',
  gaps: 'holes',
  gapBytes: 'hole bytes',
  zeroWindows: 'full windows',
  syn: 'SYN',
  fin: 'FIN',
  rst: 'RST',
};

export function FlowView({ entry, onFilter }: { entry: Entry; onFilter: OnFilter }) {
  return (
    <div className="halves">
      <Sent name="Sent by the client" counters={entry.fields['client']} onFilter={onFilter} />
      <Sent name="Sent by the server" counters={entry.fields['server']} onFilter={onFilter} />
    </div>
  );
}

function Sent({ name, counters, onFilter }: { name: string; counters: unknown; onFilter: OnFilter }) {
  const known = typeof counters === 'object' && counters !== null ? counters : null;
  return (
    <section className="half" aria-label={name}>
      <div className="half-bar">
        <h2>{name}</h2>
      </div>
      <div className="half-body">
        {known === null ? (
          <p className="body-note">No counters came with this entry.</p>
        ) : (
          <Fold title="Counters">
            <PairTable
              pairs={Object.entries(known).map(([key, value]) => [WORDS[key] ?? key, valueWords(value)])}
              expression={() => undefined}
              first={20}
              onFilter={onFilter}
            />
          </Fold>
        )}
      </div>
    </section>
  );
}

function valueWords(value: unknown): string {
  if (typeof value === 'number') return formatCount(value);
  if (typeof value === 'boolean') return value ? 'seen' : 'not seen';
  return String(value);
}
