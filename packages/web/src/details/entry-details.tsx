/** Everything known of one entry, beside or below the list. */
import type { ListRow } from '@kubeshark/model';

export interface EntryDetailsProps {
  id: string;
  /** The row of the list, when the list has it: its revision says when to read again. */
  row: ListRow | null;
  tab: string;
  onTab(tab: string): void;
  onFilter(expression: string, how: 'and' | 'not' | 'replace'): void;
  onClose(): void;
  docked: 'right' | 'below';
}

export function EntryDetails({ id, row, onClose }: EntryDetailsProps) {
  return (
    <section className="detail" aria-label="Entry">
      <h1>{row ? `${row.operation} ${row.target}` : id}</h1>
      <button type="button" className="btn" onClick={onClose}>
        Close
      </button>
    </section>
  );
}
