import { useEffect, useEffectEvent, useRef } from 'react';

/** Two presses this close belong together, ms. */
const TOGETHER = 600;

/** Calls `act` when Esc is pressed twice, wherever the focus is, unless something on the way had a use for the key. */
export function useEscapeTwice(act: () => void): void {
  const last = useRef(Number.NEGATIVE_INFINITY);
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.repeat || event.defaultPrevented) return;
    const now = performance.now();
    const second = now - last.current < TOGETHER;
    last.current = second ? Number.NEGATIVE_INFINITY : now;
    if (second) act();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event);
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
}
