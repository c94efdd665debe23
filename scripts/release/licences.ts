/** What the licences of the packages inside ask for: their texts beside the program. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { ROOT } from './bundle.ts';

interface Manifest {
  name: string;
  version: string;
  license?: string;
}

/** `others`: folders of packages that are there as they are. */
export function licences(metafiles: readonly Metafile[], others: readonly string[]): string {
  const inside = metafiles
    .flatMap(({ inputs }) => Object.keys(inputs))
    .map((path) => /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(path)?.[0])
    .filter((path) => path !== undefined)
    .map((path) => join(ROOT, path));
  const texts = new Map<string, string>();
  for (const folder of new Set([...inside, ...others])) {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
    const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
    const found = files.map((file) => readFileSync(join(folder, file), 'utf8').trim());
    texts.set(
      `${manifest.name} ${manifest.version} (${manifest.license ?? 'see its text'})`,
      found.join('\n\n'),
    );
  }
  return [...texts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([title, text]) => `${'='.repeat(78)}\n${title}\n\n${text}\n`)
    .join('\n');
}
