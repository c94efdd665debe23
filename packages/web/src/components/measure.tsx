import { formatDuration, formatSize } from '@kubeshark/model';

/** A number with its unit grey and smaller: `212.4 ms`, `1.2 kB`, `2 m 04 s`. */
function Measure({ text }: { text: string }) {
  const parts = text.split(' ');
  if (parts.length !== 2) return <span className={text === '—' ? 'dim' : undefined}>{text}</span>;
  return (
    <>
      {parts[0]} <span className="u">{parts[1]}</span>
    </>
  );
}

/** A duration in µs; below zero there is none. */
export function Duration({ micros }: { micros: number }) {
  return <Measure text={formatDuration(micros)} />;
}

/** A size in bytes. */
export function Size({ bytes }: { bytes: number }) {
  return <Measure text={formatSize(bytes)} />;
}
