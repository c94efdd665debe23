/** Bytes as offset, hex and ASCII, a page at a time. */
import { useState } from 'react';
import { HEX_PAGE_ROWS, HEX_WIDTH, hexRows } from './body-bytes.ts';
import { Paging } from './paging.tsx';

/** Rows laid out at once; a page grows by as many when more are asked for. */
const FIRST_ROWS = 512;

export function HexView({ bytes }: { bytes: Uint8Array }) {
  const [page, setPage] = useState(0);
  const [rows, setRows] = useState(FIRST_ROWS);
  const all = Math.ceil(bytes.length / HEX_WIDTH);
  const pages = Math.ceil(all / HEX_PAGE_ROWS);
  const first = page * HEX_PAGE_ROWS;
  const here = Math.min(HEX_PAGE_ROWS, all - first);
  const shown = Math.min(rows, here);
  const go = (to: number) => {
    setPage(to);
    setRows(FIRST_ROWS);
  };
  return (
    <>
      <pre className="hex" role="group" aria-label="Bytes" tabIndex={0}>
        {hexRows(bytes, first, shown).map((row) => (
          <span key={row.offset} className="hex-row">
            <span className="dim">{row.offset}</span> {row.hex} <span className="sec">{row.ascii}</span>
            {'\n'}
          </span>
        ))}
      </pre>
      {shown < here && (
        <button type="button" className="more" onClick={() => setRows(rows * 2)}>
          Show more of {(here * HEX_WIDTH).toLocaleString('en-US')} B
        </button>
      )}
      <Paging page={page} pages={pages} onPage={go} />
    </>
  );
}
