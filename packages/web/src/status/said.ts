/** A word about a key that had nothing to do: in the status line for a moment, and read out. */
import { createStore } from 'zustand/vanilla';

const SHOWN_MS = 4_000;

export const said = createStore(() => ({ text: '' }));

let timer: ReturnType<typeof setTimeout>;

export function say(text: string): void {
  clearTimeout(timer);
  said.setState({ text });
  timer = setTimeout(() => said.setState({ text: '' }), SHOWN_MS);
}
