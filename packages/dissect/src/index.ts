export * from './dissector-types.ts';
export * from './flow-record.ts';
export * from './protocol.ts';
