/** Seven outcomes, seven silhouettes: colour is never the only sign. Drawn in 12 × 12, as React elements or as plain nodes. */
import type { Outcome } from '@kubeshark/model';

/** An element of SVG and its attributes, by the names React has for them. */
export type Shape = readonly ['path' | 'circle', Readonly<Record<string, string>>];

const FILLED = { fill: 'currentColor' };
const ring = (strokeWidth: string) => ({
  cx: '6',
  cy: '6',
  r: '4.6',
  fill: 'none',
  stroke: 'currentColor',
  strokeWidth,
});

export const OUTCOME_SHAPES: Record<Outcome, readonly Shape[]> = {
  ok: [['circle', { cx: '6', cy: '6', r: '2.6', ...FILLED }]],
  client_error: [['path', { d: 'M6 1 11.4 10.6H.6Z', ...FILLED }]],
  server_error: [
    ['path', { d: 'M3.6.4h4.8l3.2 3.2v4.8l-3.2 3.2H3.6L.4 8.4V3.6Z', ...FILLED }],
    [
      'path',
      { d: 'm4 4 4 4m0-4-4 4', stroke: 'var(--surface-1)', strokeWidth: '1.5', strokeLinecap: 'round' },
    ],
  ],
  no_response: [['circle', { ...ring('1.6'), strokeDasharray: '2.4 1.6' }]],
  reset: [['path', { d: 'M7.6.4 2 7h3.2L4.4 11.6 10 5H6.8Z', ...FILLED }]],
  incomplete: [
    ['circle', ring('1.4')],
    ['path', { d: 'M6 1.4a4.6 4.6 0 0 0 0 9.2Z', ...FILLED }],
  ],
  no_request: [
    ['circle', ring('1.4')],
    ['path', { d: 'M6 1.4a4.6 4.6 0 0 1 0 9.2Z', ...FILLED }],
  ],
};
