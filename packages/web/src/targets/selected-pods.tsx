/** The pods that a rule selects now. */
import { formatCount, formatCounted } from '@kubeshark/model';
import type { Preview } from './use-preview.ts';

/** So many are named; the count says how many there are. */
const NAMED = 200;

export function SelectedPods({
  preview: { targets, error, pending },
  none,
}: {
  preview: Preview;
  none: boolean;
}) {
  const pods = none || error ? [] : (targets?.pods ?? []);
  const byName = pods.toSorted(
    (a, b) => a.namespace.localeCompare(b.namespace) || a.name.localeCompare(b.name),
  );
  return (
    <section className="selected-pods" aria-label="Pods that this selects" aria-busy={pending}>
      <h3 role="status">
        {targets && !error && (
          <>
            <b className="num">{formatCount(pods.length)}</b> of {formatCounted(targets.of, 'pod')}
          </>
        )}
      </h3>
      {error && !none && <p className="dim">Pods show here once what is wrong above is mended.</p>}
      {!error && targets && pods.length === 0 && (
        <p className="dim">No pod that is there now fits. Those that come and fit are captured.</p>
      )}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls is reached by keyboard */}
      <ul tabIndex={0} aria-label="Pods">
        {byName.slice(0, NAMED).map(({ uid, name, namespace, node }) => (
          <li key={uid}>
            <span className="ell grow" title={`${namespace}/${name}`}>
              <span className="dim">{namespace}/</span>
              {name}
            </span>
            <span className="dim">{node === '' ? 'no node yet' : node}</span>
          </li>
        ))}
        {byName.length > NAMED && <li className="dim">and {formatCount(byName.length - NAMED)} more</li>}
      </ul>
    </section>
  );
}
