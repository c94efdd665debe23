export { compile } from './compile.ts';
export { complete } from './complete.ts';
export type * from './filter.ts';
export { FUNCTIONS, METHODS } from './functions.ts';
export { TYPE_WORDS } from './ir.ts';
export { EXPRESSIONS } from './kfl2.ts';
export { quote } from './quote.ts';
export { searchFor } from './search.ts';
export { tokens } from './tokens.ts';
