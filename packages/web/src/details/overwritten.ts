/** Values that a worker overwrote before they left its node. */
import type { Entry } from '@kubeshark/model';

/** Whether a header's value is one: stars, as long as a range that was overwritten in this head. */
export function isOverwritten({ capture }: Entry, which: 'request' | 'response', value: string): boolean {
  return (
    /^\*+$/.test(value) &&
    capture.redacted.some(([section, , length]) => section === `${which}Head` && length === value.length)
  );
}
