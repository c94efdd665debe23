import { visibleParts } from '@kubeshark/model';

/** More escapes than this are not elements of their own: a text of a megabyte may consist of them. */
const MARKED = 1_000;

/** Captured text: what could not be seen in it, or would turn what stands around it, is shown as an escape. */
export function Captured({
  text,
  lines = false,
  marked = MARKED,
}: {
  text: string;
  lines?: boolean;
  marked?: number;
}) {
  const parts = visibleParts(text, lines);
  if (parts.length === 1 || parts.length > 2 * marked) return parts.join('');
  return parts.map((part, i) =>
    i % 2 === 0 ? (
      part
    ) : (
      <span key={i} className="unseen">
        {part}
      </span>
    ),
  );
}
