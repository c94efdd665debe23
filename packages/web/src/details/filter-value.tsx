/** A value that is a filter: on hover and focus it shows `=` `≠` copy. */
import { visibleText } from '@kubeshark/model';
import { Equal, EqualNot } from 'lucide-react';
import type { MouseEvent, ReactNode } from 'react';
import { CopyButton } from './copy-button.tsx';
import { cutLine } from './cut-text.ts';

/** `not` gives the expression as it stands: the receiver puts the negation. */
export type OnFilter = (expression: string, how: 'and' | 'not' | 'replace') => void;

export function FilterValue({
  expression,
  value,
  onFilter,
  children,
}: {
  /** undefined where the filter language has no field for it: then the value can only be copied. */
  expression: string | undefined;
  value: string;
  onFilter: OnFilter;
  children: ReactNode;
}) {
  const click = (event: MouseEvent) => {
    if (expression === undefined) return;
    onFilter(expression, event.altKey ? 'not' : event.shiftKey ? 'replace' : 'and');
  };
  return (
    <span className="fv" title={visibleText(cutLine(value))}>
      <span className="fv-text">{children}</span>
      <span className="hov">
        {expression !== undefined && (
          <>
            <button
              type="button"
              data-key="="
              title={`Only ${expression} (Alt: not, Shift: nothing else)`}
              aria-label={`Filter: ${expression}`}
              onClick={click}
            >
              <Equal className="ic" size={12} aria-hidden="true" />
            </button>
            <button
              type="button"
              data-key="≠"
              title={`Not ${expression}`}
              aria-label={`Filter: not ${expression}`}
              onClick={() => onFilter(expression, 'not')}
            >
              <EqualNot className="ic" size={12} aria-hidden="true" />
            </button>
          </>
        )}
        <CopyButton text={() => value} label="Copy the value" className="" dataKey="y" />
      </span>
    </span>
  );
}
