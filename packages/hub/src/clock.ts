/** The hub's clock, µs since the epoch. It can be set back: waiting by it has to bear that. */
export { wallClock as now } from '@kubeshark/model';
