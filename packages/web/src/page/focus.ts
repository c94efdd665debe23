/** Where keys send the focus, and which button a key presses. */

export function focusList(): void {
  document.querySelector<HTMLElement>('#entries')?.focus();
}

/** The details are one stop of many: their tabs come first. */
export function focusDetails(): void {
  document.querySelector<HTMLElement>('.detail [role="tab"][aria-selected="true"]')?.focus();
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
