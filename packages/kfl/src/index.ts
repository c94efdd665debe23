export { compile } from './compile.ts';
export { complete } from './complete.ts';
export type * from './filter.ts';
export { quote } from './quote.ts';
export { searchFor } from './search.ts';
export { tokens } from './tokens.ts';
