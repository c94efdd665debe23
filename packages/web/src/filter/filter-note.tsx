import { TriangleAlert } from 'lucide-react';
import { type NoteState, noteOf } from './note.ts';

/** How many of how many, at the end of the editor. */
export function FilterNote(state: NoteState) {
  const { lead, count, tail, none } = noteOf(state);
  return (
    <span className="note">
      {none && <TriangleAlert className="ic warn" size={12} aria-hidden="true" />}
      <span>
        {lead}
        {count !== null && <b className="sec num">{count}</b>}
        {tail}
      </span>
    </span>
  );
}
