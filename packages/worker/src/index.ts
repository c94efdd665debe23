export { bootOfBytes, bootOfFile } from './boot.ts';
export { FileAgent } from './file-agent.ts';
export type { LinkState } from './hub-link.ts';
export { HubLink } from './hub-link.ts';
export { CaptureFailed, CaptureThread, LiveAgent } from './live-agent.ts';
export { Pipeline, parseDecodeAs } from './pipeline.ts';
export { Player } from './player.ts';
export { DEFAULT_RULES } from './redaction.ts';
export { Spool } from './spool.ts';
