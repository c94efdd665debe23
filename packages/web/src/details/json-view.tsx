/** A JSON document as a tree (WAI-ARIA tree pattern): arrows move, open and close; one tab stop. */
import { ChevronDown, ChevronRight } from 'lucide-react';
import { type CSSProperties, type KeyboardEvent, useId, useMemo, useState } from 'react';
import { Captured } from '../components/captured.tsx';
import { cutLine } from './cut-text.ts';
import { type JsonLine, jsonLines, MAX_JSON_LINES } from './json-tree.ts';

const CLASSES = { string: 's', number: 'n', keyword: 'b', open: 'p', close: 'p', collapsed: 'p' } as const;

export function JsonView({ value, label }: { value: unknown; label: string }) {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState('$');
  const [limit, setLimit] = useState(MAX_JSON_LINES);
  const id = useId();
  const { lines, cut } = useMemo(() => jsonLines(value, toggled, limit), [value, toggled, limit]);
  const toggle = (path: string) => {
    const next = new Set(toggled);
    if (!next.delete(path)) next.add(path);
    setToggled(next);
    setActive(path);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const items = lines.filter((line) => line.kind !== 'close');
    const at = Math.max(
      0,
      items.findIndex((line) => line.path === active),
    );
    const line = items[at];
    let to: number | undefined;
    if (event.key === 'ArrowDown') to = at + 1;
    else if (event.key === 'ArrowUp') to = at - 1;
    else if (event.key === 'Home') to = 0;
    else if (event.key === 'End') to = items.length - 1;
    else if (event.key === 'ArrowRight' && line?.kind === 'collapsed') toggle(line.path);
    else if (event.key === 'ArrowRight' && line?.kind === 'open') to = at + 1;
    else if (event.key === 'ArrowLeft' && line?.kind === 'open') toggle(line.path);
    else if (event.key === 'ArrowLeft' && line)
      to = items.findLastIndex((item, i) => i < at && item.depth < line.depth);
    else return;
    event.preventDefault();
    // The list has these keys too.
    event.stopPropagation();
    const next = to === undefined ? undefined : items[to];
    if (!next) return;
    setActive(next.path);
    document.getElementById(`${id}${next.path}`)?.scrollIntoView({ block: 'nearest' });
  };
  return (
    <>
      <div
        className="json"
        role="tree"
        aria-label={label}
        tabIndex={0}
        aria-activedescendant={`${id}${active}`}
        onKeyDown={onKeyDown}
      >
        {lines.map((line) => (
          <Line
            key={line.path}
            line={line}
            id={`${id}${line.path}`}
            active={line.path === active}
            onToggle={toggle}
          />
        ))}
      </div>
      {cut && (
        <p className="body-note">
          Only the first {limit.toLocaleString('en-US')} lines are laid out.{' '}
          <button type="button" className="more-inline" onClick={() => setLimit(limit + MAX_JSON_LINES)}>
            Show more
          </button>
        </p>
      )}
    </>
  );
}

function Line({
  line,
  id,
  active,
  onToggle,
}: {
  line: JsonLine;
  id: string;
  active: boolean;
  onToggle: (path: string) => void;
}) {
  const { kind, key, text, comma, holds, path, depth } = line;
  const folds = kind === 'open' || kind === 'collapsed';
  const Icon = kind === 'open' ? ChevronDown : ChevronRight;
  return (
    <div
      className={active ? 'jl active' : 'jl'}
      id={id}
      style={{ '--d': Math.min(depth, 40) } as CSSProperties}
      {...(kind === 'close'
        ? { role: 'presentation' }
        : { role: 'treeitem', 'aria-level': depth + 1, 'aria-selected': active })}
      {...(folds ? { 'aria-expanded': kind === 'open', onClick: () => onToggle(path) } : {})}
    >
      {folds && <Icon className="ic tw" size={11} aria-hidden="true" />}
      {key !== undefined && (
        <>
          <span className="k">
            <Captured text={JSON.stringify(cutLine(key))} />
          </span>
          <span className="p">: </span>
        </>
      )}
      <span className={CLASSES[kind]}>{kind === 'collapsed' ? text[0] : <Captured text={text} />}</span>
      {kind === 'collapsed' && (
        <>
          <span className="f">{holds}</span>
          <span className="p">{text[1]}</span>
        </>
      )}
      {comma && <span className="p">,</span>}
    </div>
  );
}
