import { formatCounted } from '@kubeshark/model';
import { useEffect, useEffectEvent, useState } from 'react';

const EVERY_MS = 10_000;

/** Tells screen readers how many rows came, at most every 10 s and only while the list follows. */
export function Newcomers({ total, following }: { total: number; following: boolean }) {
  const [told, setTold] = useState({ total, words: '' });
  const tell = useEffectEvent(() => {
    const count = total - told.total;
    setTold({ total, words: following && count > 0 ? formatCounted(count, 'new entry', 'new entries') : '' });
  });
  useEffect(() => {
    const timer = setInterval(() => tell(), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <span className="sr-only" aria-live="polite">
      {told.words}
    </span>
  );
}
