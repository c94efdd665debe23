export * from './dissector-types.ts';
export * from './protocol.ts';
