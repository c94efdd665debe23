/** The table of keys. */
import { useStore } from 'zustand';
import { Dialog } from '../components/dialog.tsx';
import { preferences } from '../page/preferences.ts';
import { CLUSTER_KEYS, KEY_TABLE, PAGE_KEYS } from './key-table.ts';

/** Keys of the filter, which belong to its editor. */
const FILTER_KEYS = [
  [['Enter'], 'apply the filter'],
  [['Tab'], 'take the completion'],
  [['Ctrl', 'Space'], 'open the completion'],
  [['Alt', 'F'], 'filter off, on'],
  [['Alt', '↑'], 'filters used before'],
  [['Esc'], 'leave it, the text stays'],
] as const;

export function HelpDialog({ cluster, onClose }: { cluster: boolean; onClose(this: void): void }) {
  const letterKeys = useStore(preferences, (state) => state.letterKeys);
  return (
    <Dialog title="Keys" light onClose={onClose}>
      <div className="help-columns">
        <dl>
          {[...KEY_TABLE, ...(cluster ? CLUSTER_KEYS : []), ...PAGE_KEYS].map(
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
    </Dialog>
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
