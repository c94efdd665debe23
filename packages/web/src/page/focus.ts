/** Where keys send the focus, and which button a key presses. */

export function focusList(): void {
  document.querySelector<HTMLElement>('#entries')?.focus();
}

/** The details are one stop of many: their tabs come first. While the entry is read they themselves wait for them. */
export function focusDetails(): void {
  const details = document.querySelector<HTMLElement>('.detail');
  const tab = details?.querySelector<HTMLElement>('[role="tab"][aria-selected="true"]');
  if (details && !tab) {
    // For as long as it has it: a click into the details is to leave the arrow keys to the list.
    details.tabIndex = -1;
    details.addEventListener('blur', () => details.removeAttribute('tabindex'), { once: true });
  }
  (tab ?? details)?.focus();
}

export function detailsHaveFocus(): boolean {
  return document.activeElement?.matches('.detail') === true;
}

/**
 * Presses the button marked with `data-key`: beside the value that has the focus, else beside the one
 * under the pointer, else the only one of the details.
 */
export function pressKeyOf(key: string): void {
  const button = `button[data-key="${key}"]`;
  const focused = document.activeElement?.closest('.fv')?.querySelector<HTMLElement>(button);
  const pointed = document.querySelector<HTMLElement>(`.fv:hover ${button}`);
  (focused ?? pointed ?? document.querySelector<HTMLElement>(`.d-head ${button}`))?.click();
}
