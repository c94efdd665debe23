/** What is checked when it comes from outside. Apart from the rest: loading zod takes as long as starting Node twice. */
export * from './api.ts';
export * from './batch.ts';
export * from './cluster.ts';
export * from './entry.ts';
export * from './settings-file.ts';
export * from './wire.ts';
