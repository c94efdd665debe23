/** The strip's plot: looked at with the pointer or the keys, and dragged over to choose a range. */
import type { Histogram } from '@kubeshark/model';
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import { OUTCOME_WORDS } from '../components/outcome-glyph.tsx';
import { type BarSum, entryWords, spanWords, sumBars } from './bar-words.ts';
import { LanesDrawing } from './lanes-drawing.tsx';
import { Readout } from './readout.tsx';
import { barAt, type Choice, chosenBars, moved, stepOf } from './span-choice.ts';

export interface PlotProps {
  histogram: Histogram | null;
  oldest: number | null;
  now: number | null;
  onScreen: readonly [number, number] | null;
  onWidth: (width: number) => void;
  onChoose: (from: number, to: number) => void;
  /** Esc with nothing being chosen. */
  onUndo: () => void;
}

export function Plot({ histogram, oldest, now, onScreen, onWidth, onChoose, onUndo }: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [choice, setChoice] = useState<Choice | null>(null);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const next = Math.floor(entry!.contentRect.width);
      setWidth(next);
      onWidth(next);
    });
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, [onWidth]);

  const bars = histogram?.buckets.length ?? 0;
  const chosen = choice && chosenBars(choice);
  const sum =
    histogram && choice && choice.cursor < bars
      ? sumBars(histogram, chosen?.[0] ?? choice.cursor, chosen?.[1] ?? choice.cursor)
      : null;
  const take = () => {
    if (!sum || !chosen) return;
    setChoice(null);
    onChoose(sum.from, sum.to);
  };

  const bar = (event: PointerEvent) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return barAt(event.clientX - left, width, bars);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const by = stepOf(event.key, bars);
    if (by !== null && bars > 0) setChoice(moved(choice, by, bars, event.shiftKey));
    else if (event.key === 'Enter') take();
    else if (event.key !== 'Escape') return;
    else if (choice) setChoice(null);
    else onUndo();
    // These keys mean something else to the list.
    event.preventDefault();
    event.stopPropagation();
  };

  const at = choice?.cursor ?? Math.max(0, bars - 1);
  return (
    <div
      ref={box}
      className="plot"
      role="slider"
      tabIndex={0}
      aria-label="Calls over time. Shift and arrow keys choose a range, Enter applies it, Escape goes back."
      aria-valuemin={0}
      aria-valuemax={Math.max(0, bars - 1)}
      aria-valuenow={at}
      aria-valuetext={
        histogram && bars > 0 ? words(sum ?? sumBars(histogram, at, at)) : 'Nothing counted yet'
      }
      onKeyDown={onKeyDown}
      onBlur={() => setChoice(null)}
      onPointerDown={(event) => {
        if (event.button !== 0 || bars === 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        const cursor = bar(event);
        setChoice({ cursor, anchor: cursor });
      }}
      onPointerMove={(event) => {
        if (bars === 0) return;
        const cursor = bar(event);
        if (cursor !== choice?.cursor || choice.anchor === null)
          setChoice({
            cursor,
            anchor: event.currentTarget.hasPointerCapture(event.pointerId) ? (choice?.anchor ?? null) : null,
          });
      }}
      onPointerUp={() => {
        // A click without a way chooses nothing: a slip of the hand would hide everything else.
        if (choice && choice.anchor !== choice.cursor) take();
        else setChoice(choice && { cursor: choice.cursor, anchor: null });
      }}
      onPointerCancel={() => setChoice(null)}
      onPointerLeave={(event) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId)) setChoice(null);
      }}
    >
      {histogram && width > 0 && (
        <>
          <LanesDrawing histogram={histogram} width={width} oldest={oldest} />
          {now !== null && <Edge histogram={histogram} width={width} now={now} />}
          {onScreen && <Here histogram={histogram} width={width} onScreen={onScreen} />}
          {sum && (
            <>
              <div
                className={chosen ? 'chosen' : 'looked-at'}
                style={across(histogram, width, sum.from, sum.to)}
              />
              <Readout sum={sum} x={middle(histogram, width, sum)} width={width} choosing={chosen !== null} />
            </>
          )}
        </>
      )}
    </div>
  );
}

/** A mark below this width has an arrow on top, px. */
const NARROW = 16;

/** Where the rows on screen are. */
function Here({
  histogram,
  width,
  onScreen: [from, to],
}: {
  histogram: Histogram;
  width: number;
  onScreen: readonly [number, number];
}) {
  if (to < histogram.from || from > histogram.to) return null;
  const style = across(histogram, width, from, to);
  return <div className={style.width < NARROW ? 'here narrow' : 'here'} style={style} />;
}

/** Where now is: what is right of it has not been yet. */
function Edge({ histogram, width, now }: { histogram: Histogram; width: number; now: number }) {
  if (now < histogram.from || now > histogram.to) return null;
  return <div className="edge" style={{ transform: `translateX(${place(histogram, width, now)}px)` }} />;
}

function place({ from, to }: Histogram, width: number, micros: number): number {
  return ((Math.min(to, Math.max(from, micros)) - from) / (to - from)) * width;
}

function across(histogram: Histogram, width: number, from: number, to: number) {
  const x = place(histogram, width, from);
  return { transform: `translateX(${x}px)`, width: Math.max(2, place(histogram, width, to) - x) };
}

function middle(histogram: Histogram, width: number, { from, to }: BarSum): number {
  return place(histogram, width, (from + to) / 2);
}

function words(sum: BarSum): string {
  const failed = sum.failed.map(({ outcome, count }) => `${OUTCOME_WORDS[outcome]} ${count}`);
  return [spanWords(sum), entryWords(sum.all), ...failed].join(', ');
}
