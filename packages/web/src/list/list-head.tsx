import type { ListQuery } from '@kubeshark/model';

interface Props {
  order: ListQuery['order'];
  onOrder(this: void, order: ListQuery['order']): void;
}

/** Names of the columns; the one of the time says and changes the order. To screen readers a row says all itself. */
export function ListHead({ order, onOrder }: Props) {
  const byTime = order === 'timestamp';
  return (
    <div className="head">
      <div className="cols">
        <span />
        <button
          type="button"
          className={byTime ? 'sort by' : 'sort'}
          aria-pressed={byTime}
          title={
            byTime
              ? 'In the order in which calls began. Click: in the order in which they came here'
              : 'In the order in which calls came here. Click: in the order in which they began'
          }
          onClick={() => onOrder(byTime ? 'seq' : 'timestamp')}
        >
          Time<span className="sr-only"> order</span>
          {byTime && <span aria-hidden> ↑</span>}
        </button>
        {COLUMNS.map(([words, className, title]) => (
          <span key={words} className={className} title={title} aria-hidden>
            {words}
          </span>
        ))}
      </div>
    </div>
  );
}

const COLUMNS: readonly (readonly [words: string, className?: string, title?: string])[] = [
  ['Protocol'],
  ['Status'],
  ['Operation, target'],
  ['From → to', 'c-rt'],
  ['From', 'c-sp'],
  ['To', 'c-dp'],
  ['Size', 'c-sz text-right'],
  [
    'Elapsed',
    'c-el text-right',
    'Until the last byte of the answer: at the client, where both ends are captured. The details say what the other end saw',
  ],
];
