/** The table of keys. */
import { X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { preferences } from '../page/preferences.ts';
import { KEY_TABLE } from './key-table.ts';

/** Keys of the filter, which belong to its editor. */
const FILTER_KEYS = [
  [['Enter'], 'apply the filter'],
  [['Tab'], 'take the completion'],
  [['Ctrl', 'Space'], 'open the completion'],
  [['Alt', 'F'], 'filter off, on'],
  [['Alt', '↑'], 'filters used before'],
] as const;

export function HelpDialog({ onClose }: { onClose(this: void): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const letterKeys = useStore(preferences, (state) => state.letterKeys);
  useEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className="help"
      aria-labelledby="help-title"
      onCancel={onClose}
      // The dialog itself is hit only beside its content: on the backdrop.
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div className="help-body">
        <header>
          <h2 id="help-title">Keys</h2>
          <button
            type="button"
            className="btn icon ghost"
            aria-label="Close (Esc)"
            title="Close (Esc)"
            onClick={onClose}
          >
            <X className="ic" size={14} aria-hidden />
          </button>
        </header>
        <div className="help-columns">
          <dl>
            {KEY_TABLE.map(
              ({ shown, words }) => shown && <Line key={words} keys={shown} words={words ?? ''} />,
            )}
          </dl>
          <div>
            <h3>In the filter</h3>
            <dl>
              {FILTER_KEYS.map(([keys, words]) => (
                <Line key={words} keys={keys} words={words} />
              ))}
            </dl>
            <h3>Letters</h3>
            <label className="help-letters">
              <input
                type="checkbox"
                checked={letterKeys}
                onChange={(event) => preferences.setState({ letterKeys: event.target.checked })}
              />
              Letters and signs are keys outside text fields
            </label>
          </div>
        </div>
      </div>
    </dialog>
  );
}

function Line({ keys, words }: { keys: readonly string[]; words: string }) {
  return (
    <div>
      <dt>
        {keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{words}</dd>
    </div>
  );
}
