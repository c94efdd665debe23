import { formatCount, type ListQuery } from '@kubeshark/model';
import { ArrowDown } from 'lucide-react';
import { type ReactNode, useCallback, useEffect, useLayoutEffect, useRef, useSyncExternalStore } from 'react';
import { DividerRow } from './divider-row.tsx';
import { EntryRow } from './entry-row.tsx';
import './list.css';
import { ListHead } from './list-head.tsx';
import type { ListModel, ListPicture } from './list-model.ts';
import { Newcomers } from './newcomers.tsx';
import { slots } from './viewport.ts';

interface Props {
  model: ListModel;
  selected: string | null;
  onSelect(this: void, id: string): void;
  /** Drawn instead of rows while there are none. */
  empty: ReactNode;
  compact: boolean;
  order: ListQuery['order'];
  onOrder(this: void, order: ListQuery['order']): void;
  /** µs: what time it is for calls that are still open. */
  now: number;
}

/** The list: as many elements as lines in view, however many rows there are. */
export function EntryList({ model, selected, onSelect, empty, compact, order, onOrder, now }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const picture = useSyncExternalStore(model.subscribe, model.current);
  const { geometry, top, from, to } = picture;
  const { lineHeight, items } = geometry;
  const { rows } = model.traffic;
  const hasRows = rows.size > 0;

  useEffect(() => {
    model.set({ selected, lineHeight: compact ? 24 : 28, select: onSelect });
  }, [model, selected, compact, onSelect]);

  useLayoutEffect(() => {
    const element = scroller.current;
    // Content grew or shrank before this, in the same frame: nothing is seen to move.
    if (element && hasRows && Math.abs(element.scrollTop - top) >= 1) element.scrollTop = top;
  });

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element || !hasRows) return;
    const observer = new ResizeObserver(() => model.resized(element.clientHeight));
    observer.observe(element);
    model.resized(element.clientHeight);
    return () => observer.disconnect();
  }, [model, hasRows]);

  const click = useCallback((id: string) => model.clicked(id), [model]);

  const lines: ReactNode[] = [];
  const shared = slots(geometry);
  for (let line = from; line < to; line++) {
    const item = items.at(line);
    if ('divider' in item) {
      lines.push(<DividerRow key={line % shared} divider={item.divider.divider} />);
      continue;
    }
    const row = rows.at(item.row);
    if (!row) continue;
    const isSelected = row.id === selected;
    lines.push(
      <EntryRow
        key={line % shared}
        row={row}
        selected={isSelected}
        same={!isSelected && picture.flow !== undefined && row.flow === picture.flow}
        now={row.state === 'open' ? now : 0}
        onSelect={click}
      />,
    );
  }

  return (
    <section className="list" aria-label="Entries">
      <ListHead order={order} onOrder={onOrder} />
      {/* One element with rows and without: the focus stays where it is while another filter's rows take the place of these. */}
      <div
        ref={scroller}
        id="entries"
        className="rows"
        role={hasRows ? 'listbox' : undefined}
        aria-label={hasRows ? 'Entries' : undefined}
        tabIndex={hasRows ? 0 : -1}
        aria-activedescendant={selected !== null && rows.get(selected) ? `row-${selected}` : undefined}
        onScroll={() => hasRows && model.scrolledTo(scroller.current?.scrollTop ?? 0)}
      >
        {hasRows ? (
          <div className="rows-all" role="presentation" style={{ height: items.size * lineHeight }}>
            <div
              className="rows-window"
              role="presentation"
              style={
                { transform: `translateY(${from * lineHeight}px)`, '--line': `${lineHeight}px` } as object
              }
            >
              {lines}
            </div>
          </div>
        ) : (
          empty
        )}
      </div>
      <Foot picture={picture} hasRows={hasRows} toEnd={() => model.toEnd()} />
      <Newcomers total={picture.total} following={picture.following} />
    </section>
  );
}

function Foot({
  picture: { before, first, last, total, following, newer },
  hasRows,
  toEnd,
}: {
  picture: ListPicture;
  hasRows: boolean;
  toEnd(this: void): void;
}) {
  return (
    <div className="list-foot">
      {hasRows && (
        <span className="num">
          {formatCount(before + first + 1)}–{formatCount(before + last + 1)} of {formatCount(total)}
        </span>
      )}
      <span className="grow" />
      {hasRows && !following && (
        <button type="button" className="newrows" onClick={toEnd} title="To the newest, and on with it (End)">
          <ArrowDown className="ic" size={12} aria-hidden />
          {newer > 0 && <span className="num">{formatCount(newer)} newer ·</span>}follow <kbd>End</kbd>
        </button>
      )}
    </div>
  );
}
