/** The half that reads files: it starts without what captures live. */
export * from './file-chunks.ts';
export * from './read-capture.ts';
export * from './source.ts';
