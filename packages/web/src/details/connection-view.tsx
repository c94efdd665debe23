/** Where and how the call was captured: flow, sightings, what was lost, sent again or overwritten. */
import type { Entry } from '@kubeshark/model';
import { Duration } from '../components/measure.tsx';
import { EndView } from './end-view.tsx';
import { equals } from './expressions.ts';
import type { OnFilter } from './filter-value.tsx';
import { Fold } from './fold.tsx';
import { PairTable } from './pair-table.tsx';
import { preciseTime } from './precise-time.ts';
import { ProtocolFields } from './protocol-fields.tsx';
import { captureWords } from './state-words.ts';

const SOURCES: Record<Entry['capture']['source'], string> = {
  af_packet: 'network interface',
  file: 'capture file',
  ebpf_tls: 'inside TLS, by eBPF',
};

export function ConnectionView({ entry, onFilter }: { entry: Entry; onFilter: OnFilter }) {
  const { capture, seenBy } = entry;
  const flags = captureWords(entry);
  const facts: [string, string][] = [
    ['id', entry.id],
    ['flow', entry.flow],
    ['kind', entry.kind],
    ['transport', entry.transport],
    ['protocol', entry.version === '' ? entry.protocol : `${entry.protocol} ${entry.version}`],
    ['captured by', SOURCES[capture.source]],
    ['capture', flags.length === 0 ? 'whole' : flags.join(', ')],
  ];
  const expression = (name: string) => {
    if (name === 'flow') return equals('flow', entry.flow);
    if (name === 'id') return equals('id', entry.id);
    if (name === 'kind') return equals('kind', entry.kind);
    if (name === 'protocol') return equals('protocol', entry.protocol);
    return undefined;
  };
  return (
    <div className="half-body">
      <Fold title="Connection">
        <PairTable pairs={facts} expression={expression} first={10} onFilter={onFilter} />
      </Fold>
      <EndView which="src" end={entry.src} onFilter={onFilter} />
      <EndView which="dst" end={entry.dst} onFilter={onFilter} />
      <Fold title="Seen by" count={seenBy.length}>
        <div className="scroll-x" role="group" aria-label="Seen by" tabIndex={0}>
          <table className="data">
            <thead>
              <tr>
                <th scope="col">Side</th>
                <th scope="col">Worker</th>
                <th scope="col">Interface</th>
                <th scope="col">From</th>
                <th scope="col">To</th>
                <th scope="col">Pod</th>
                <th scope="col">First byte</th>
                <th scope="col" className="r">
                  Elapsed
                </th>
              </tr>
            </thead>
            <tbody>
              {seenBy.map((sighting) => (
                <tr key={sighting.id}>
                  <td>
                    {sighting.side}
                    {sighting.late === true && <span className="dim"> · late</span>}
                  </td>
                  <td>{sighting.worker}</td>
                  <td>{sighting.interface}</td>
                  <td className="mono">{sighting.src}</td>
                  <td className="mono">{sighting.dst}</td>
                  <td>{sighting.pod?.name ?? <span className="dim">—</span>}</td>
                  <td className="mono">{preciseTime(sighting.timestamp)}</td>
                  <td className="r">
                    <Duration micros={sighting.elapsed} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Fold>
      <ProtocolFields fields={entry.fields} title="Counters" onFilter={onFilter} />
      {capture.redacted.length > 0 && (
        <Fold title="Redacted" count={capture.redacted.length} note="overwritten before it left the worker">
          <div className="scroll-x">
            <table className="data">
              <thead>
                <tr>
                  <th scope="col">Section</th>
                  <th scope="col" className="r">
                    From byte
                  </th>
                  <th scope="col" className="r">
                    Bytes
                  </th>
                </tr>
              </thead>
              <tbody>
                {capture.redacted.map(([section, start, length]) => (
                  <tr key={`${section} ${start}`}>
                    <td>{section}</td>
                    <td className="r num">{start}</td>
                    <td className="r num">{length}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Fold>
      )}
    </div>
  );
}
