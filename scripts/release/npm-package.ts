/** The command as a package for npm: for systems on which it runs, and that have a Node of their own. */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundleModules, NATIVE, ROOT, VERSION } from './bundle.ts';
import { licences } from './licences.ts';
import { lockedPackage } from './packages.ts';

const BIN = 'packages/cli/bin/kubeshark.mjs';

const LAUNCHER = `#!/usr/bin/env node
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(\`kubeshark needs Node.js 24 or newer; this is \${process.version}.\`);
  process.exit(1);
}
await import('../src/main.js');
`;

/** Writes the package to `file`; `work` may be written to. The page must be built. */
export async function buildNpmPackage(file: string, work: string, registry?: string): Promise<void> {
  rmSync(work, { recursive: true, force: true });
  const folder = join(work, 'package');
  mkdirSync(dirname(join(folder, BIN)), { recursive: true });
  const { metafiles } = await bundleModules(['packages/cli/src/main.ts'], folder, registry);
  for (const path of ['packages/web/dist', 'packages/cli/sample', 'LICENSE', 'README.md', 'CHANGELOG.md'])
    cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  writeFileSync(join(folder, BIN), LAUNCHER);
  chmodSync(join(folder, BIN), 0o755);
  writeFileSync(join(folder, 'LICENSES-OF-OTHERS.txt'), licences(metafiles, []));
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`);
  execFileSync('tar', ['-czf', file, '-C', work, 'package']);
}

function manifest(): object {
  const root = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    description: string;
    license: string;
  };
  const native = NATIVE.map((name) => {
    const { version } = JSON.parse(readFileSync(join(lockedPackage(name), 'package.json'), 'utf8')) as {
      version: string;
    };
    return [name, version];
  });
  return {
    name: 'kubeshark',
    version: VERSION,
    type: 'module',
    description: root.description,
    license: root.license,
    engines: { node: '>=24' },
    bin: { kubeshark: BIN, 'kubectl-kubeshark': BIN },
    dependencies: Object.fromEntries(native) as Record<string, string>,
  };
}
