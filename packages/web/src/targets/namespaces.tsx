/** The choice of namespaces, of those that are there, each with its pods. */
import { formatCounted } from '@kubeshark/model';
import { useState } from 'react';
import { type Draft, selects } from './draft.ts';

/** More are looked for rather than read. */
const MANY = 12;

export function Namespaces({
  draft,
  known,
  counts,
  onChange,
}: {
  draft: Draft;
  known: readonly string[];
  counts: ReadonlyMap<string, number>;
  onChange(this: void, draft: Draft): void;
}) {
  const [find, setFind] = useState('');
  const { only, chosen } = draft;
  // Those of the rule as it was come first; nothing moves while it is changed.
  const [first] = useState(() => (only ? [...chosen].toSorted() : []));
  const all = [...new Set([...first, ...[...known, ...chosen].toSorted()])];
  const shown = all.filter((name) => name.includes(find.trim()));
  const turn = (to: boolean) => to !== only && onChange({ ...draft, only: to, chosen: new Set() });
  const toggle = (name: string) => {
    const others = [...chosen].filter((other) => other !== name);
    onChange({ ...draft, chosen: new Set(chosen.has(name) ? others : [...others, name]) });
  };
  return (
    <div className="namespaces">
      <div className="namespaces-head">
        <span id="namespaces-label" className="strong">
          Namespaces
        </span>
        <span className="seg small" role="group" aria-label="Which namespaces">
          <button type="button" aria-pressed={!only} onClick={() => turn(false)}>
            All, also new ones
          </button>
          <button type="button" aria-pressed={only} onClick={() => turn(true)}>
            Only these
          </button>
        </span>
      </div>
      {all.length > MANY && (
        <input
          type="search"
          aria-label="Find a namespace"
          placeholder="Find a namespace"
          value={find}
          onChange={(event) => setFind(event.target.value)}
        />
      )}
      <ul aria-labelledby="namespaces-label">
        {shown.map((name) => (
          <li key={name} className={selects(draft, name) ? undefined : 'out'}>
            <label>
              <input type="checkbox" checked={selects(draft, name)} onChange={() => toggle(name)} />
              <span className="ell grow" title={name}>
                {name}
              </span>
              <span className="num dim">
                {known.includes(name) ? formatCounted(counts.get(name) ?? 0, 'pod') : 'not there now'}
              </span>
            </label>
          </li>
        ))}
        {shown.length === 0 && <li className="dim">No namespace is called so.</li>}
      </ul>
      {only && chosen.size === 0 && (
        <p className="o-server_error" role="status">
          Choose at least one namespace.
        </p>
      )}
    </div>
  );
}
