/** The filter: an editor that says at any time whether it holds a filter, what it finds, and what could be meant. */
import type { ApiError } from '@kubeshark/model';
import type { Ref } from 'react';
import type { Range } from '../connection/api.ts';

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
  /** Esc in the editor with nothing left to close: the focus goes to the list. */
  onLeave: () => void;
  ref?: Ref<FilterBarHandle>;
}

export function FilterBar({ filter }: FilterBarProps) {
  return <div className="filterbar">{filter}</div>;
}
