import { quote } from './quote.ts';

/** Plain words, without any sign of the language. */
export function isSearch(text: string): boolean {
  return /^[\p{L}\p{N}_./:@#-]+(?:\s+[\p{L}\p{N}_./:@#-]+)*$/u.test(text);
}

/** The filter that looks for a text in what people mean when they type a word. */
export function searchFor(text: string): string {
  const literal = quote(text);
  return ['target', 'src.name', 'dst.name', 'request.body', 'response.body']
    .map((field) => `${field}.contains(${literal})`)
    .join(' || ');
}
