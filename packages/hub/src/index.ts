export type { Hub } from './hub.ts';
export { startHub } from './hub.ts';
export type { HubLimits, HubSettings } from './settings.ts';
export { HUB_LIMITS } from './settings.ts';
