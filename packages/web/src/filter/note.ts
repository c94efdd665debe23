/** What stands at the end of the editor: how many of how many, or what is between the reader and that number. */
import { formatCount, formatDuration } from '@kubeshark/model';
import { shortTime } from '../list/clock-time.ts';

export interface NoteState {
  /** The filter in force. */
  filter: string;
  off: boolean;
  /** The editor's text is no filter. */
  invalid: boolean;
  /** The editor's text is another filter than the one in force. */
  changed: boolean;
  matched: { matched: number; total: number; took: number } | null;
  searching: { looked: number; total: number; reached: number | null } | null;
}

export interface Note {
  /** Before the number. */
  lead: string;
  count: string | null;
  /** Behind the number. */
  tail: string;
  /** Nothing matches, and all was looked at. */
  none: boolean;
}

export function noteOf({ filter, off, invalid, changed, matched, searching }: NoteState): Note {
  const words = invalid
    ? 'showing the last valid filter'
    : changed
      ? 'Enter applies'
      : off
        ? 'switched off'
        : '';
  const plain = (lead: string): Note => ({ lead, count: null, tail: '', none: false });
  if (off || filter === '') return plain(words === '' ? 'no filter' : words);
  if (searching) return plain([words, progressWords(searching)].filter(Boolean).join(' · '));
  if (!matched) return plain(words);
  const took = words === '' ? ` · ${tookWords(matched.took)}` : '';
  return {
    lead: words === '' ? '' : `${words} · `,
    count: formatCount(matched.matched),
    tail: ` of ${formatCount(matched.total)}${took}`,
    none: matched.matched === 0 && words === '',
  };
}

/** `searching back to 14:12 · 41 %`. */
function progressWords({ looked, total, reached }: NonNullable<NoteState['searching']>): string {
  const back = reached === null ? 'searching' : `searching back to ${shortTime(reached)}`;
  return total > 0 ? `${back} · ${Math.floor(Math.min(1, looked / total) * 100)} %` : back;
}

/** `took`: ms. Whole ones: more would only flicker. */
function tookWords(took: number): string {
  return took < 999.5 ? `${Math.max(1, Math.round(took))} ms` : formatDuration(took * 1_000);
}
