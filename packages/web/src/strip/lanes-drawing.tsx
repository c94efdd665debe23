import type { Histogram } from '@kubeshark/model';
import { memo } from 'react';
import { FAILED_OUTCOMES, HEIGHT, lanesOf } from './lanes.ts';
import { ticksOf } from './ticks.ts';

/** Pixels a tick's label takes, with room around it. */
const LABEL = 76;
/** A seam is seen at any scale, px. */
const LEAST_SEAM = 3;

/** Bars, seams and times; drawn anew when counts or width change, not when the list scrolls. */
export const LanesDrawing = memo(function LanesDrawing({
  histogram,
  width,
  oldest,
}: {
  histogram: Histogram;
  width: number;
  oldest: number | null;
}) {
  const { all, failed } = lanesOf(histogram, width);
  const { from, to, losses } = histogram;
  const place = (micros: number) => ((Math.min(to, Math.max(from, micros)) - from) / (to - from)) * width;
  const unkept = oldest === null || oldest <= from ? 0 : place(oldest);
  return (
    <>
      <svg
        className="lanes"
        viewBox={`0 0 ${width} ${HEIGHT}`}
        width={width}
        height={HEIGHT}
        aria-hidden="true"
      >
        <pattern id="strip-seam" width="4" height="4" patternUnits="userSpaceOnUse">
          <path d="M-1 1 1-1M0 4 4 0M3 5 5 3" className="seam-line" />
        </pattern>
        {unkept > 0 && <path d={`M0 0H${unkept}V${HEIGHT}H0Z`} className="lane-unkept" />}
        <path d={`M0 22.5H${width}`} className="lane-base" />
        <path d={all} className="lane-all" />
        {FAILED_OUTCOMES.map((outcome) => (
          <path key={outcome} d={failed[outcome]} className={`lane-failed o-${outcome}`} />
        ))}
        {losses.map((loss) => {
          const x = place(loss.from);
          return (
            <rect
              key={`${loss.worker} ${loss.place} ${loss.cause} ${loss.from}`}
              x={Math.min(x, width - LEAST_SEAM)}
              width={Math.max(LEAST_SEAM, place(loss.to) - x)}
              height={HEIGHT}
              className="seam"
              fill="url(#strip-seam)"
            />
          );
        })}
      </svg>
      <div className="ticks" aria-hidden="true">
        {ticksOf(from, to, Math.max(1, Math.floor(width / LABEL))).map(({ at, label }) => {
          const x = place(at);
          // A label that would be cut at an edge is left out.
          return x < LABEL / 3 || x > width - LABEL / 3 ? null : (
            <span key={at} style={{ left: x }}>
              {label}
            </span>
          );
        })}
      </div>
    </>
  );
});
