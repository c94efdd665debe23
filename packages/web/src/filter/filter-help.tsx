/** The language on one card: examples to take, and the keys. */
import { CircleQuestionMark } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useState } from 'react';
import { EXAMPLES } from './examples.ts';
import { FilterText } from './filter-text.tsx';

const KEYS: readonly (readonly [readonly string[], string])[] = [
  [['Enter'], 'apply'],
  [['Tab'], 'take the offer'],
  [['Ctrl', 'Space'], 'show what fits here'],
  [['Alt', 'F'], 'off and on'],
  [['Alt', '↑'], 'history'],
  [['Esc'], 'leave, the text stays'],
  [['Esc', 'Esc'], 'clear'],
];

/** `onExample`: puts an example into the editor, to be changed or applied. */
export function FilterHelp({ onExample }: { onExample: (filter: string) => void }) {
  const [open, setOpen] = useState(false);
  const [taken, setTaken] = useState(false);
  return (
    <Popover.Root
      open={open}
      onOpenChange={(next) => {
        setOpen(next);
        setTaken(false);
      }}
    >
      <Popover.Trigger asChild>
        <button type="button" className="btn icon" aria-label="How to filter" title="How to filter">
          <CircleQuestionMark className="ic" size={14} aria-hidden="true" />
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="pop filter-help"
          aria-label="How to filter"
          align="end"
          sideOffset={6}
          collisionPadding={8}
          // The editor has the focus when an example was taken.
          onCloseAutoFocus={(event) => taken && event.preventDefault()}
        >
          <p>
            A filter is a condition on an entry: a field, an operator, a value. <code>&&</code>{' '}
            <code>||</code> <code>!</code> and parentheses join conditions. Plain words look for a text
            everywhere.
          </p>
          <ul aria-label="Examples">
            {EXAMPLES.map(({ asks, filter }) => (
              <li key={filter}>
                <button
                  type="button"
                  onClick={() => {
                    setTaken(true);
                    setOpen(false);
                    onExample(filter);
                  }}
                >
                  <span className="dim">{asks}</span>
                  <FilterText text={filter} />
                </button>
              </li>
            ))}
          </ul>
          <dl>
            {KEYS.map(([keys, does]) => (
              <div key={does}>
                <dt>
                  {keys.map((key, index) => (
                    <kbd key={index}>{key}</kbd>
                  ))}
                </dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
