import { useCallback, useEffect, useEffectEvent, useRef } from 'react';

/** Two presses this close belong together, ms. */
const TOGETHER = 600;

/**
 * Calls `act` when Esc is pressed twice, wherever the focus is, unless something on the way had a use for the key.
 * The function given back counts a press that something had a use for, all the same.
 */
export function useEscapeTwice(act: () => void): () => boolean {
  const last = useRef(Number.NEGATIVE_INFINITY);
  const acts = useEffectEvent(act);
  const press = useCallback(() => {
    const now = performance.now();
    const second = now - last.current < TOGETHER;
    last.current = second ? Number.NEGATIVE_INFINITY : now;
    return second;
  }, []);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.repeat && !event.defaultPrevented && press()) acts();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [press]);
  return press;
}
