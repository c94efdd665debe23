/** Colours of the filter's words, and a line under what is wrong, as the editor's text changes. */

import { type EditorState, type Extension, type Range, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view';
import { tokens } from '@kubeshark/kfl';
import { type Draft, isBeingTyped, judge } from './draft.ts';

/** The mistake at the cursor is shown too: somebody wanted to apply it, or left. */
export const insist = StateEffect.define();

export interface Judged {
  readonly draft: Draft;
  /** The mistake is to be shown: the cursor is elsewhere, or it was insisted on. */
  readonly shown: boolean;
  /** It was insisted on since the text last changed. */
  readonly insisted: boolean;
  readonly marks: DecorationSet;
}

const COLOURS = Object.fromEntries(
  (['field', 'string', 'number', 'keyword', 'function', 'punctuation', 'error'] as const).map((kind) => [
    kind,
    Decoration.mark({ class: `k-${kind}` }),
  ]),
);
const MISTAKE = Decoration.mark({ class: 'k-mistake' });

/** The text judged, once for each change. */
export const judged = StateField.define<Judged>({
  create: (state) => look(state, judge(state.doc.toString()), false),
  update(value, transaction) {
    const insisted = transaction.effects.some((effect) => effect.is(insist));
    if (transaction.docChanged) {
      const draft = judge(transaction.newDoc.toString());
      return look(transaction.state, draft, insisted);
    }
    if (!insisted && !transaction.selection) return value;
    return look(transaction.state, value.draft, insisted || value.insisted);
  },
  provide: (field) => EditorView.decorations.from(field, (value) => value.marks),
});

function look(state: EditorState, draft: Draft, insisted: boolean): Judged {
  const shown = draft.error !== null && (insisted || !isBeingTyped(draft, state.selection.main.head));
  return { draft, shown, insisted, marks: marksOf(draft, shown) };
}

function marksOf({ text, error }: Draft, shown: boolean): DecorationSet {
  const marks: Range<Decoration>[] = tokens(text).map(({ from, to, kind }) => COLOURS[kind]!.range(from, to));
  if (shown && error && error.range[1] > error.range[0])
    marks.push(MISTAKE.range(error.range[0], Math.min(error.range[1], text.length)));
  return Decoration.set(marks, true);
}

export const marks: Extension = judged;
