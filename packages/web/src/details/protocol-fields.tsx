/** The protocol's own fields of a side: DNS records as tables, whatever else as pairs and a tree. */
import { visibleText } from '@kubeshark/model';
import { useMemo } from 'react';
import { Captured } from '../components/captured.tsx';
import { fieldShapes } from './field-shapes.ts';
import type { OnFilter } from './filter-value.tsx';
import { Fold } from './fold.tsx';
import { JsonView } from './json-view.tsx';
import { PairTable, pairsInShort } from './pair-table.tsx';

export function ProtocolFields({
  fields,
  title,
  folded = false,
  expression = () => undefined,
  onFilter,
}: {
  fields: Readonly<Record<string, unknown>>;
  title: string;
  /** Pairs begin so. */
  folded?: boolean;
  /** The condition that a value is; none when it is not. */
  expression?: (name: string, value: string) => string | undefined;
  onFilter: OnFilter;
}) {
  const { tables, pairs, nested } = useMemo(() => fieldShapes(fields), [fields]);
  return (
    <>
      {tables.map((table) => (
        <Fold key={table.name} title={titled(visibleText(table.name))} count={table.rows.length}>
          <div className="scroll-x" role="group" aria-label={titled(visibleText(table.name))} tabIndex={0}>
            <table className="data">
              <thead>
                <tr>
                  {table.columns.map((column) => (
                    <th scope="col" key={column}>
                      <Captured text={column} />
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {table.rows.map((row, i) => (
                  <tr key={i}>
                    {row.map((cell, column) => (
                      <td key={column} className="mono" title={visibleText(cell)}>
                        <Captured text={cell} />
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Fold>
      ))}
      {pairs.length > 0 && (
        <Fold title={title} count={pairs.length} folded={folded} summary={pairsInShort(pairs)}>
          <PairTable pairs={pairs} expression={expression} first={20} onFilter={onFilter} />
        </Fold>
      )}
      {Object.keys(nested).length > 0 && (
        <Fold title={`${title}, nested`}>
          <JsonView value={nested} label={title} />
        </Fold>
      )}
    </>
  );
}

function titled(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
