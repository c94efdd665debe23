/** A text as a KFL string literal. */
export function quote(text: string): string {
  return JSON.stringify(text);
}
