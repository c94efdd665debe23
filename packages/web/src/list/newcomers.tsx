import { formatCount } from '@kubeshark/model';
import { useEffect, useEffectEvent, useState } from 'react';

const EVERY_MS = 10_000;

/** Tells screen readers how many rows came, at most every 10 s and only while the list follows. */
export function Newcomers({ last, following }: { last: number | null; following: boolean }) {
  const [told, setTold] = useState({ last, words: '' });
  const tell = useEffectEvent(() => {
    const count = last !== null && told.last !== null ? last - told.last : 0;
    setTold({ last, words: following && count > 0 ? `${formatCount(count)} new entries` : '' });
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
