/** `npm run docs`: writes docs/limits.md from the limits themselves. */
import { writeFileSync } from 'node:fs';
import type { LimitNote } from '@kubeshark/model';
import { formatCount, LIMIT_NOTES, LIMITS } from '@kubeshark/model';
import { HUB_LIMIT_NOTES } from '../packages/hub/src/limit-notes.ts';
import { HUB_LIMITS } from '../packages/hub/src/settings.ts';

export const LIMITS_DOCUMENT: URL = new URL('../docs/limits.md', import.meta.url);

const INTRODUCTION = `# Limits

Nothing here grows without a bound, and nothing is lost at a bound without a count. \`/metrics\` has
\`kubeshark_cap_total{limit="…"}\` for each limit below at which something is left out, 0 until it bites: of all workers, the hub and
its store together. Written by \`npm run docs\` from \`packages/model/src/limits.ts\` and \`packages/hub/src/settings.ts\`.`;

/** The whole of docs/limits.md. */
export function limitsDocument(): string {
  return `${[
    INTRODUCTION,
    '## Capturing, reading and filtering',
    table(LIMITS, LIMIT_NOTES),
    '## The hub',
    table(HUB_LIMITS, HUB_LIMIT_NOTES),
  ].join('\n\n')}\n`;
}

function table<N extends string>(values: Record<N, number>, notes: Readonly<Record<N, LimitNote>>): string {
  const rows = (Object.keys(values) as N[]).map((name) => {
    const { unit, of, policy, seen } = notes[name];
    return [`\`${name}\``, valueText(values[name], unit), of, policy, seen ?? 'Nothing is left out at it'];
  });
  const head = ['Limit', 'Value', 'Bounds', 'What happens at it', 'Where it shows'];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function valueText(value: number, unit: LimitNote['unit']): string {
  if (unit === 'µs') return valueText(value / 1_000, 'ms');
  if (unit === 'ms' && value >= 1_000) return `${formatCount(value / 1_000)} s`;
  return unit === '' ? formatCount(value) : `${formatCount(value)} ${unit}`;
}

if (import.meta.main) writeFileSync(LIMITS_DOCUMENT, limitsDocument());
