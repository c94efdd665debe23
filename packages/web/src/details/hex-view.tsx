/** Bytes as offset, hex and ASCII, a page at a time. */
import { formatCount } from '@kubeshark/model';
import { useLayoutEffect, useRef, useState } from 'react';
import { HEX_PAGE, type HexWidth, hexColumns, hexRows } from './body-bytes.ts';
import { Paging } from './paging.tsx';

/** Rows laid out at once; a page grows by as many when more are asked for. */
const FIRST_ROWS = 512;

export function HexView({ bytes }: { bytes: Uint8Array }) {
  const [page, setPage] = useState(0);
  const [rows, setRows] = useState(FIRST_ROWS);
  const [width, setWidth] = useState<HexWidth>(16);
  const ruler = useRef<HTMLSpanElement>(null);
  const first = page * HEX_PAGE;
  const here = Math.min(HEX_PAGE, bytes.length - first);
  const go = (to: number) => {
    setPage(to);
    setRows(FIRST_ROWS);
  };
  useLayoutEffect(() => {
    const full = ruler.current!;
    const view = full.parentElement!;
    const fit = () => setWidth(full.offsetWidth <= view.clientWidth ? 16 : 8);
    const observer = new ResizeObserver(fit);
    observer.observe(view);
    fit();
    return () => observer.disconnect();
  }, []);
  return (
    <>
      <pre className="hex" role="group" aria-label="Bytes" tabIndex={0}>
        <span ref={ruler} className="hex-ruler" aria-hidden="true">
          {'0'.repeat(hexColumns(bytes.length, 16))}
        </span>
        {hexRows(bytes, first, Math.min(rows, Math.ceil(here / width)), width).map((row) => (
          <span key={row.offset} className="hex-row">
            <span className="dim">{row.offset}</span> {row.hex} <span className="sec">{row.ascii}</span>
            {'\n'}
          </span>
        ))}
      </pre>
      {rows * width < here && (
        <button type="button" className="more" onClick={() => setRows(rows * 2)}>
          Show more of {formatCount(here)} B
        </button>
      )}
      <Paging page={page} pages={Math.ceil(bytes.length / HEX_PAGE)} onPage={go} />
    </>
  );
}
