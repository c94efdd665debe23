import { PROTOCOLS } from '@kubeshark/model';

const LABELS = new Map<string, string>(PROTOCOLS.map((p) => [p.name, p.label]));

/** A quiet tinted badge of one width, so that the eye reads a column. */
export function ProtocolBadge({ protocol }: { protocol: string }) {
  return <span className={`badge p-${protocol}`}>{LABELS.get(protocol) ?? protocol}</span>;
}
