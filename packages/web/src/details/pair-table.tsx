/** Names and values as sent: headers, parameters, the fields of a protocol. Always text, whatever stands in them. */
import { formatCount, visibleText } from '@kubeshark/model';
import { useState } from 'react';
import { Captured } from '../components/captured.tsx';
import { cutLine } from './cut-text.ts';
import { FilterValue, type OnFilter } from './filter-value.tsx';

/** In one line. */
export function pairsInShort(pairs: readonly (readonly [string, string])[]): string {
  return cutLine(
    pairs
      .slice(0, 4)
      .map(([name, value]) => `${name}: ${cutLine(value)}`)
      .join(' · '),
  );
}

export function PairTable({
  pairs,
  expression,
  first = 8,
  onFilter,
}: {
  pairs: readonly (readonly [string, string])[];
  expression: (name: string, value: string) => string | undefined;
  /** So many are shown until all are asked for. */
  first?: number;
  onFilter: OnFilter;
}) {
  const [all, setAll] = useState(false);
  const shown = all || pairs.length <= first + 1 ? pairs : pairs.slice(0, first);
  return (
    <>
      <table className="kv">
        <tbody>
          {shown.map(([name, value], i) => (
            <tr key={i}>
              <th scope="row">
                <div className="ell" title={visibleText(cutLine(name))}>
                  <Captured text={cutLine(name)} />
                </div>
              </th>
              <td>
                <FilterValue expression={expression(name, value)} value={value} onFilter={onFilter}>
                  {value === '' ? <span className="dim">empty</span> : <Captured text={cutLine(value)} />}
                </FilterValue>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {pairs.length > first + 1 && (
        <button type="button" className="more" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Show fewer' : `Show all ${formatCount(pairs.length)}`}
        </button>
      )}
    </>
  );
}
