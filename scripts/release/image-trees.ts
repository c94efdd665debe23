/** What is in the images: Node, the bundled sources, the page, and the parts in machine code. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundled } from './bundle.ts';
import { bundleModules, ROOT } from './bundle.ts';
import { licences } from './licences.ts';
import { lockedPackage } from './packages.ts';
import { copyDuckdb, copyKoffi, copyNode } from './platforms.ts';

export const PARTS = ['hub', 'worker'] as const;
export type Part = (typeof PARTS)[number];
export type LinuxPlatform = 'linux-x64' | 'linux-arm64';

const LAYOUT = {
  hub: {
    copyNative: copyDuckdb,
    packages: (platform: LinuxPlatform) => ['@duckdb/node-bindings', `@duckdb/node-bindings-${platform}`],
    page: true,
  },
  worker: {
    copyNative: copyKoffi,
    packages: () => ['koffi'],
    page: false,
  },
} as const;

/** Lays out a part's files in `folder`. The page must be built. */
export async function layOut(part: Part, platform: LinuxPlatform, folder: string): Promise<Bundled> {
  const { copyNative, packages, page } = LAYOUT[part];
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const bundled = await bundleModules([`packages/${part}/src/main.ts`], folder);
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  copyNode(platform, folder);
  copyNative(platform, folder);
  if (page) cpSync(join(ROOT, 'packages/web/dist'), join(folder, 'packages/web/dist'), { recursive: true });
  cpSync(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'));
  const others = [`node-${platform}`, ...packages(platform)].map(lockedPackage);
  writeFileSync(join(folder, 'LICENSES-OF-OTHERS.txt'), licences(bundled.metafiles, others));
  return bundled;
}
