export * from './files.ts';
export * from './filter/capture-filter-error.ts';
export type { CompiledCaptureFilter, Endpoint } from './filter/compile.ts';
export { compileCaptureFilter } from './filter/compile.ts';
export type { InterfaceChanges, LiveInterface } from './live/captured-namespace.ts';
export * from './live/errors.ts';
export * from './live/live-capture.ts';
export * from './live/wake.ts';
