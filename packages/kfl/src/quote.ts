import { visibleText } from '@kubeshark/model';

/**
 * A text as a KFL string literal, with escapes for what could not be seen in it. Half a surrogate pair is no character: it
 * becomes U+FFFD, as in captured texts.
 */
export function quote(text: string): string {
  return visibleText(JSON.stringify(text.toWellFormed()));
}
