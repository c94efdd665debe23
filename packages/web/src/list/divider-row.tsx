import { formatCounted, type Loss } from '@kubeshark/model';
import { CalendarDays, TriangleAlert } from 'lucide-react';
import type { Divider } from '../rows/dividers.ts';
import { clockTime, dayName } from './clock-time.ts';

const CAUSES: Record<Loss['cause'], string> = {
  ring_full: 'the capture ring of',
  spool_full: 'the spool of',
  sampled: 'flows were sampled on',
  bodies_left_out: 'bodies were left out on',
  disk_full: 'the disk of',
  hub_overload: 'the hub could not keep up with',
};

/** What a seam says: how many are missing, when, and why. */
export function lossWords({ from, to, count, cause, worker, place }: Loss): string {
  const what =
    cause === 'ring_full'
      ? formatCounted(count, 'packet was', 'packets were')
      : formatCounted(count, 'entry was', 'entries were');
  const done = cause === 'bodies_left_out' ? 'kept without bodies' : 'not kept';
  const where = place === '' ? worker : `${worker} (${place})`;
  const full = cause === 'ring_full' || cause === 'spool_full' || cause === 'disk_full' ? ' was full' : '';
  return `${what} ${done} ${whenWords(from, to)}: ${CAUSES[cause]} ${where}${full}.`;
}

/** `between 14:31:02 and 14:31:05`, `at 14:31:02`. */
function whenWords(from: number, to: number): string {
  const [begin, end] = [clockTime(from)[0], clockTime(to)[0]];
  return begin === end ? `at ${begin}` : `between ${begin} and ${end}`;
}

/** A line between rows: the day that begins, or entries that are missing here. */
export function DividerRow({ divider }: { divider: Divider }) {
  const loss = divider.kind === 'loss';
  const words = loss ? lossWords(divider.loss) : dayName(divider.day);
  const Icon = loss ? TriangleAlert : CalendarDays;
  return (
    <div
      role="option"
      aria-selected="false"
      aria-disabled="true"
      className={loss ? 'divider loss' : 'divider'}
    >
      <Icon className="ic" size={12} aria-hidden />
      <span className="ell" title={words}>
        {words}
      </span>
    </div>
  );
}
