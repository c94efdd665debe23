export * from './dissector.ts';
export * from './dissector-types.ts';
export * from './expand/registry.ts';
export * from './expand/row.ts';
export * from './flow-record.ts';
export * from './protocol.ts';
export * from './protocols/dns/index.ts';
export * from './protocols/http/index.ts';
