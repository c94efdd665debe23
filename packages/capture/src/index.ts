export * from './read-capture.ts';
export * from './source.ts';
