export * from './file-chunks.ts';
export * from './filter/capture-filter-error.ts';
export type { CompiledCaptureFilter, Endpoint } from './filter/compile.ts';
export { compileCaptureFilter } from './filter/compile.ts';
export * from './live/errors.ts';
export * from './live/live-capture.ts';
export * from './read-capture.ts';
export * from './source.ts';
