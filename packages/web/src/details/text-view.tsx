/** A text as it was sent, a page at a time. */
import { formatCount, formatCounted } from '@kubeshark/model';
import { useMemo, useState } from 'react';
import { Captured } from '../components/captured.tsx';
import { SHOWN_AT_FIRST, textPage } from './body-bytes.ts';
import { Paging } from './paging.tsx';
import { ROW_CHARACTERS, textBlocks } from './text-blocks.ts';

/** Escapes of a block that are elements of their own. */
const MARKED = 100;

export function TextView({ text, wrap, label }: { text: string; wrap: boolean; label: string }) {
  const [page, setPage] = useState(0);
  const pages = Math.ceil(text.length / SHOWN_AT_FIRST);
  const { blocks, broken } = useMemo(() => textBlocks(textPage(text, page)), [text, page]);
  return (
    <>
      {broken > 0 && (
        <p className="body-note">
          {formatCounted(broken, 'line')} of more than {formatCount(ROW_CHARACTERS)} characters{' '}
          {broken === 1 ? 'is' : 'are'} broken here; copied and saved {broken === 1 ? 'it is' : 'they are'}{' '}
          whole.
        </p>
      )}
      <pre className={wrap ? 'raw wrap' : 'raw'} role="group" aria-label={label} tabIndex={0}>
        {blocks.map((block, i) => (
          <span key={i} className="text-block">
            <Captured text={block} lines marked={MARKED} />
          </span>
        ))}
      </pre>
      <Paging page={page} pages={pages} onPage={setPage} />
    </>
  );
}
