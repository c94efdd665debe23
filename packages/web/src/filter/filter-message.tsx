/** What is wrong with the text in the editor, and the button that mends it. */
import type { FilterError } from '@kubeshark/kfl';
import { CircleX } from 'lucide-react';
import { quotedParts } from './quoted-parts.ts';

export function FilterMessage({
  error: { message, hint, fix },
  search,
  entering,
  onFix,
}: {
  error: FilterError;
  /** The fix looks for the words that were typed. */
  search: boolean;
  /** Enter mends it. */
  entering: boolean;
  onFix: () => void;
}) {
  return (
    <div className="filter-message">
      <CircleX className="ic o-server_error" size={14} aria-hidden="true" />
      <p>
        <Words text={/[.?!]$/.test(message) ? message : `${message}.`} />
        {hint !== undefined && (
          <>
            {' '}
            <span className="sec">
              <Words text={hint} />
            </span>
          </>
        )}
      </p>
      {fix !== undefined && (
        <button type="button" className="btn small primary" onClick={onFix}>
          {search ? (
            'Look for it'
          ) : (
            <span>
              Use <code>{fix}</code>
            </span>
          )}
          {entering && <kbd>Enter</kbd>}
        </button>
      )}
    </div>
  );
}

/** Names in backquotes stand in the data's font. */
function Words({ text }: { text: string }) {
  return quotedParts(text).map(({ at, part, quoted }) =>
    quoted ? <code key={at}>{part}</code> : <span key={at}>{part}</span>,
  );
}
