/** List and details share the page: a handle between them (WAI-ARIA window splitter). */
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef } from 'react';
import type { Dock } from './preferences.ts';

const MIN = 30;
const MAX = 70;
/** Per cent an arrow key moves. */
const STEP = 2;

interface Props {
  dock: Dock;
  /** Share of the first pane, per cent. */
  share: number;
  /** null: as the design has it. */
  onShare(this: void, share: number | null): void;
  first: ReactNode;
  /** Without it the first pane takes all. */
  second: ReactNode | null;
}

export function Split({ dock, share, onShare, first, second }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const beside = dock === 'right';
  const move = (to: number) => onShare(Math.min(MAX, Math.max(MIN, to)));
  const drag = (event: PointerEvent<HTMLElement>) => {
    const box = frame.current?.getBoundingClientRect();
    if (!box || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    const part = beside ? (event.clientX - box.left) / box.width : (event.clientY - box.top) / box.height;
    move(Math.round(part * 1_000) / 10);
  };
  const key = (event: KeyboardEvent) => {
    const steps: Record<string, number> = beside
      ? { ArrowLeft: -STEP, ArrowRight: STEP }
      : { ArrowUp: -STEP, ArrowDown: STEP };
    const step = steps[event.key];
    if (step !== undefined) move(share + step);
    else if (event.key === 'Home') move(MIN);
    else if (event.key === 'End') move(MAX);
    else return;
    event.preventDefault();
  };
  return (
    <div ref={frame} className={`split ${beside ? 'split-beside' : 'split-above'}`}>
      <div className="pane" style={{ flexBasis: second === null ? '100%' : `${share}%` }}>
        {first}
      </div>
      {second !== null && (
        <>
          <div
            className="handle"
            role="separator"
            tabIndex={0}
            aria-label="Size of the list"
            aria-orientation={beside ? 'vertical' : 'horizontal'}
            aria-valuemin={MIN}
            aria-valuemax={MAX}
            aria-valuenow={Math.round(share)}
            title="Drag, or use the arrow keys. A double click resets"
            onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
            onPointerMove={drag}
            onDoubleClick={() => onShare(null)}
            onKeyDown={key}
          />
          <div className="pane pane-rest">{second}</div>
        </>
      )}
    </div>
  );
}
