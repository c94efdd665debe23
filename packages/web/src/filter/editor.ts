/**
 * The editor of a filter: one line, in its own shadow root. There the editor's styles are constructed sheets, which a
 * strict Content-Security-Policy lets through; a `<style>` element in the page it would not.
 */
import {
  acceptCompletion,
  closeCompletion,
  completionStatus,
  moveCompletionSelection,
  startCompletion,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, isolateHistory } from '@codemirror/commands';
import { EditorState, type Extension, Prec } from '@codemirror/state';
import { EditorView, highlightSpecialChars, type KeyBinding, keymap, placeholder } from '@codemirror/view';
import type { Draft } from './draft.ts';
import { completion, type Traffic } from './editor-completion.ts';
import { insist, judged } from './editor-marks.ts';
import { theme } from './editor-theme.ts';

export interface EditorReport {
  readonly draft: Draft;
  /** The draft's mistake is to be shown. */
  readonly shown: boolean;
  /** Somebody wanted it applied, and saw why it was not. */
  readonly insisted: boolean;
  readonly completing: boolean;
  readonly focused: boolean;
}

export interface EditorEvents {
  /** Something of the report changed. */
  report(report: EditorReport): void;
  /** Enter. */
  apply(): void;
  /** Esc, when no list was open. true: the key goes no further. */
  escape(): boolean;
  /** Alt+↑. */
  past(): void;
}

export class FilterEditor {
  private readonly view: EditorView;
  private readonly events: EditorEvents;
  /** The list's selection was moved: Enter takes what is selected instead of applying the filter. */
  private chosen = false;

  constructor(host: HTMLElement, text: string, traffic: Traffic, events: EditorEvents) {
    this.events = events;
    const root = host.shadowRoot ?? host.attachShadow({ mode: 'open', delegatesFocus: true });
    this.view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({ doc: oneLine(text), extensions: this.extensions(traffic) }),
    });
    // Letters typed here are text, never the page's keys; Esc and keys with Alt or Ctrl the page may know too.
    this.view.dom.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' && !event.altKey && !event.ctrlKey && !event.metaKey)
        event.stopPropagation();
    });
  }

  get report(): EditorReport {
    const { draft, shown, insisted } = this.view.state.field(judged);
    return {
      draft,
      shown,
      insisted,
      completing: completionStatus(this.view.state) === 'active',
      focused: this.view.hasFocus,
    };
  }

  /** Puts another text in place, which undo brings back; the cursor behind it. */
  replace(text: string): void {
    const insert = oneLine(text);
    const { doc } = this.view.state;
    if (doc.toString() === insert) return;
    this.view.dispatch({
      changes: { from: 0, to: doc.length, insert },
      selection: { anchor: insert.length },
      // A step of its own, however soon after the last letter.
      annotations: isolateHistory.of('full'),
      scrollIntoView: true,
    });
  }

  /** Shows the mistake, wherever the cursor stands. */
  insist(): void {
    closeCompletion(this.view);
    this.view.dispatch({ effects: insist.of(null) });
  }

  focus(): void {
    this.view.focus();
    this.view.dispatch({ selection: { anchor: this.view.state.doc.length }, scrollIntoView: true });
  }

  destroy(): void {
    this.view.destroy();
  }

  private extensions(traffic: Traffic): Extension {
    return [
      history(),
      highlightSpecialChars({ addSpecialChars: /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu }),
      keymap.of([...this.keys(), ...historyKeymap, ...defaultKeymap]),
      Prec.highest(keymap.of(this.listKeys())),
      EditorView.contentAttributes.of({
        'aria-label': 'Filter',
        'aria-multiline': 'false',
        spellcheck: 'false',
        autocapitalize: 'off',
      }),
      placeholder('Filter, for example http && status_code >= 500'),
      EditorState.transactionFilter.of((transaction) => {
        if (!transaction.docChanged || transaction.newDoc.lines === 1) return transaction;
        const insert = oneLine(transaction.newDoc.toString());
        return {
          changes: { from: 0, to: transaction.startState.doc.length, insert },
          selection: { anchor: Math.min(insert.length, transaction.newSelection.main.head) },
        };
      }),
      judged,
      theme,
      completion(traffic),
      EditorView.updateListener.of((update) => {
        if (update.docChanged || completionStatus(update.state) !== 'active') this.chosen = false;
        if (update.focusChanged && !update.view.hasFocus && !update.state.field(judged).shown)
          // Not from inside the update.
          queueMicrotask(() => this.view.dispatch({ effects: insist.of(null) }));
        if (update.transactions.length > 0 || update.focusChanged) this.events.report(this.report);
      }),
    ];
  }

  /** While the list is open. */
  private listKeys(): KeyBinding[] {
    const move =
      (forward: boolean, by: 'option' | 'page' = 'option') =>
      (view: EditorView) => {
        const moved = moveCompletionSelection(forward, by)(view);
        if (moved) this.chosen = true;
        return moved;
      };
    return [
      { key: 'ArrowDown', run: move(true) },
      { key: 'ArrowUp', run: move(false) },
      { key: 'PageDown', run: move(true, 'page') },
      { key: 'PageUp', run: move(false, 'page') },
      { key: 'Tab', run: acceptCompletion },
      { key: 'Enter', run: (view) => this.chosen && acceptCompletion(view) },
      { key: 'Escape', run: closeCompletion },
    ];
  }

  private keys(): KeyBinding[] {
    return [
      {
        key: 'Enter',
        run: (view) => {
          closeCompletion(view);
          this.events.apply();
          return true;
        },
      },
      { key: 'Escape', run: () => this.events.escape() },
      { key: 'Ctrl-Space', run: startCompletion },
      { key: 'ArrowDown', run: startCompletion },
      {
        key: 'Alt-ArrowUp',
        run: () => {
          this.events.past();
          return true;
        },
      },
    ];
  }
}

/** A filter is one line: pasted lines are joined. */
function oneLine(text: string): string {
  return text.replace(/\s*[\r\n\u2028\u2029]+\s*/g, ' ');
}
