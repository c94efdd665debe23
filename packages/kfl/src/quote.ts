/** A text as a KFL string literal. Half a surrogate pair is no character: it becomes U+FFFD, as in captured texts. */
export function quote(text: string): string {
  return JSON.stringify(text.toWellFormed());
}
