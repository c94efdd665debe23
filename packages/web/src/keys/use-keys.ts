/** Keys, heard by the whole page. */
import { useEffect, useEffectEvent } from 'react';
import { preferences } from '../page/preferences.ts';
import { bindingFor, type Focus, type KeyBinding } from './key-table.ts';

export function useKeys<Actions>(table: readonly KeyBinding<Actions>[], actions: Actions): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented) return;
    const binding = bindingFor(table, event, focusOf(event.target), preferences.getState().letterKeys);
    if (!binding) return;
    event.preventDefault();
    binding.run(actions);
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => onKey(event);
    window.addEventListener('keydown', listener);
    return () => window.removeEventListener('keydown', listener);
  }, []);
}

const CONTROLS =
  'button, a, summary, [role="tab"], [role="separator"], [role="tree"], [role="slider"], [tabindex]';

function focusOf(target: EventTarget | null): Focus {
  if (!(target instanceof HTMLElement)) return 'list';
  // A dialog has its own keys: Esc, Tab, and what its controls take.
  if (target.isContentEditable || target.closest('input, textarea, select, dialog')) return 'text';
  if (target.closest('[role="listbox"]')) return 'list';
  return target.closest(CONTROLS) ? 'control' : 'list';
}
