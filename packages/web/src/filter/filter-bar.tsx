/** The filter: an editor that says at any time whether it holds a filter, what it finds, and what could be meant. */
import type { ApiError } from '@kubeshark/model';
import { Funnel, Undo2, X } from 'lucide-react';
import { type Ref, useEffect, useEffectEvent, useImperativeHandle, useRef, useState } from 'react';
import type { Range } from '../connection/api.ts';
import { type Draft, fixed, isSearchOffer, judge } from './draft.ts';
import { type EditorReport, FilterEditor } from './editor.ts';
import { FieldValueCache } from './field-values.ts';
import './filter.css';
import { FilterHelp } from './filter-help.tsx';
import { FilterMessage } from './filter-message.tsx';
import { FilterNote } from './filter-note.tsx';
import { rememberFilter } from './past-filters.ts';
import { PastFilters } from './past-filters.tsx';
import { useEscapeTwice } from './use-escape-twice.ts';

export interface FilterBarHandle {
  /** Puts the cursor behind the filter's text: keys `/` and `f`. */
  focus(): void;
}

export interface FilterBarProps {
  /** The filter in force, or kept while it is switched off. Valid or not: it may come from a link. */
  filter: string;
  off: boolean;
  /** Values offered while typing are counted in it. */
  range: Range;
  matched: { matched: number; total: number; took: number } | null;
  searching: { looked: number; total: number; reached: number | null } | null;
  /** What the hub says against the filter in force. */
  problem: ApiError | null;
  /** Another filter is in force, and switched on; `''` clears it. Also after Esc was pressed twice, wherever the focus is. */
  onApply: (filter: string) => void;
  /** Alt+F, wherever the focus is, or the funnel. */
  onOff: (off: boolean) => void;
  /** The focus goes to the list: a filter was applied, or Esc was pressed in the editor with nothing left to close. */
  onLeave: () => void;
  ref?: Ref<FilterBarHandle>;
}

export function FilterBar({
  filter,
  off,
  range,
  matched,
  searching,
  problem,
  onApply,
  onOff,
  onLeave,
  ref,
}: FilterBarProps) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<FilterEditor>(null);
  const [report, setReport] = useState<EditorReport>(() => ({
    draft: judge(filter),
    shown: false,
    insisted: false,
    completing: false,
    focused: false,
  }));
  const [pastOpen, setPastOpen] = useState(false);
  /** The menu of past filters closes because one was picked. */
  const picked = useRef(false);

  const { draft } = report;
  const changed = draft.text.trim() !== filter.trim();
  const applicable = draft.error === null && (changed || (off && draft.text.trim() !== ''));
  const message = report.shown && !report.completing ? draft.error : null;

  const put = (text: string) => {
    rememberFilter(text);
    onApply(text.trim());
    // What was asked for is read next: keys move in it.
    onLeave();
  };
  const clear = () => {
    editor.current?.replace('');
    if (filter !== '' || off) onApply('');
  };
  useEscapeTwice(() => {
    if (draft.text !== '' || filter !== '') clear();
  });
  const apply = () => {
    const now = editor.current?.report ?? report;
    if (now.draft.error === null) put(now.draft.text);
    // Plain words are looked for at once; what may be a slip is shown first, with what could be meant.
    else if (isSearchOffer(now.draft) || (now.insisted && !now.completing)) mend(now.draft);
    else editor.current?.insist();
  };
  /** Puts the fix in place, and applies what is a filter then. */
  const mend = (wrong: Draft) => {
    const text = fixed(wrong);
    if (text === wrong.text) return;
    editor.current?.replace(text);
    if (judge(text).error === null) put(text);
    else editor.current?.focus();
  };

  const onReport = useEffectEvent(setReport);
  const onEnter = useEffectEvent(apply);
  const onPast = useEffectEvent(() => setPastOpen(true));
  const onEscape = useEffectEvent(() => {
    onLeave();
    // The text stays. Leaving one that is not applied is no first of two presses, which would clear it.
    return changed;
  });
  const within = useEffectEvent(() => range);
  const first = useEffectEvent(() => filter);

  useEffect(() => {
    const values = new FieldValueCache();
    const made = new FilterEditor(
      host.current!,
      first(),
      { load: values.load, within: () => within() },
      {
        report: (next) => onReport(next),
        apply: () => onEnter(),
        escape: () => onEscape(),
        past: () => onPast(),
      },
    );
    editor.current = made;
    return () => {
      editor.current = null;
      made.destroy();
    };
  }, []);

  // A filter that comes from elsewhere (a value that was clicked, the browser's way back, a link) replaces the text.
  useEffect(() => {
    editor.current?.replace(filter);
    if (judge(filter).error !== null) editor.current?.insist();
  }, [filter]);

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.code !== 'KeyF') return;
    event.preventDefault();
    if (filter !== '') onOff(!off);
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event);
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);

  useImperativeHandle(ref, () => ({ focus: () => editor.current?.focus() }), []);

  const inForce = filter !== '' && !off;
  const box = ['editor', report.focused && 'focus', message && 'bad', off && filter !== '' && 'off'].filter(
    Boolean,
  );
  return (
    <search className="filterbar">
      <div className={box.join(' ')}>
        <button
          type="button"
          className="tog"
          aria-pressed={inForce}
          aria-label="Filter on"
          title="Switch the filter off and on (Alt+F)"
          disabled={filter === ''}
          onClick={() => onOff(!off)}
        >
          <Funnel
            className={`ic funnel ${draft.error ? 'invalid' : draft.text.trim() === '' ? 'empty' : 'valid'}`}
            size={14}
            aria-hidden="true"
          />
        </button>
        <div className="expr" ref={host} />
        <FilterNote
          filter={filter}
          off={off}
          invalid={draft.error !== null}
          changed={changed}
          matched={matched}
          searching={searching}
        />
        {changed && filter !== '' && (
          <button
            type="button"
            className="tog"
            title={`Back to the filter in force: ${filter}`}
            aria-label="Back to the filter in force"
            onClick={() => {
              editor.current?.replace(filter);
              editor.current?.focus();
            }}
          >
            <Undo2 className="ic" size={14} aria-hidden="true" />
          </button>
        )}
        {draft.text !== '' && (
          <button type="button" className="tog" title="Clear (Esc Esc)" aria-label="Clear" onClick={clear}>
            <X className="ic" size={14} aria-hidden="true" />
          </button>
        )}
        <PastFilters
          open={pastOpen}
          onOpen={setPastOpen}
          onPick={(text) => {
            editor.current?.replace(text);
            picked.current = true;
            put(text);
          }}
          onClosed={() => {
            if (!picked.current) editor.current?.focus();
            picked.current = false;
          }}
        />
        <div className="filter-says" role="status">
          {message ? (
            <FilterMessage
              error={message}
              search={isSearchOffer(draft)}
              entering={report.insisted || isSearchOffer(draft)}
              onFix={() => mend(draft)}
            />
          ) : (
            problem &&
            !changed &&
            inForce && (
              <FilterMessage
                error={{
                  message: problem.message,
                  range: problem.range ?? [0, 0],
                  ...(problem.hint === undefined ? {} : { hint: problem.hint }),
                }}
                search={false}
                entering={false}
                onFix={() => mend(draft)}
              />
            )
          )}
        </div>
      </div>
      <button
        type="button"
        className={applicable ? 'btn primary' : 'btn'}
        title="Apply (Enter)"
        onClick={apply}
      >
        Apply
      </button>
      <FilterHelp
        onExample={(text) => {
          editor.current?.replace(text);
          editor.current?.focus();
        }}
      />
      {searching && inForce && <SearchBar searching={searching} />}
    </search>
  );
}

/** A line of two pixels: how much was looked at. */
function SearchBar({ searching: { looked, total } }: { searching: { looked: number; total: number } }) {
  const share = total > 0 ? Math.min(1, looked / total) : 0;
  return (
    <div
      className="search-bar"
      role="progressbar"
      aria-label="Searching"
      aria-valuenow={Math.floor(share * 100)}
      aria-valuemin={0}
      aria-valuemax={100}
    >
      <div style={{ transform: `scaleX(${share})` }} />
    </div>
  );
}
