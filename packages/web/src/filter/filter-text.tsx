/** A filter as text in its colours. */
import { tokens } from '@kubeshark/kfl';
import type { ReactNode } from 'react';

export function FilterText({ text }: { text: string }) {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const { from, to, kind } of tokens(text)) {
    if (from > end) parts.push(text.slice(end, from));
    parts.push(
      <span key={from} className={`k-${kind}`}>
        {text.slice(from, to)}
      </span>,
    );
    end = to;
  }
  parts.push(text.slice(end));
  return <code>{parts}</code>;
}
