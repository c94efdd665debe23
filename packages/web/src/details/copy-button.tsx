/** Copies a text; the button says for a moment that it did. */
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';

export function CopyButton({
  text,
  label,
  words,
  className = 'btn icon ghost small',
  dataKey,
}: {
  /** Made when it is asked for: a body can be long. */
  text: () => string;
  label: string;
  /** Shown beside the icon. */
  words?: string;
  className?: string;
  /** The key that presses it. */
  dataKey?: string;
}) {
  const [done, setDone] = useState<'copied' | 'failed' | undefined>();
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(undefined), 1_500);
    return () => clearTimeout(timer);
  }, [done]);
  const copy = () => {
    // Without a secure context there is no clipboard object at all.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    if (!clipboard) return setDone('failed');
    clipboard.writeText(text()).then(
      () => setDone('copied'),
      () => setDone('failed'),
    );
  };
  const name = done === 'failed' ? 'The browser does not allow copying here' : (done ?? label);
  const Icon = done === 'copied' ? Check : Copy;
  return (
    <button
      type="button"
      className={className}
      data-key={dataKey}
      aria-label={name}
      title={name}
      onClick={copy}
    >
      <Icon className="ic" size={12} aria-hidden="true" />
      {words}
    </button>
  );
}
