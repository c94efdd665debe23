/** Packages of any platform, exactly as the lock file names them. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './bundle.ts';

const KEPT = join(ROOT, 'node_modules/.cache/kubeshark-release');

interface Locked {
  version: string;
  integrity: string;
}

const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked | undefined>;
};

/** Folder of a package that the lock file names, whether it is for this machine or not. */
export function lockedPackage(name: string): string {
  const installed = join(ROOT, 'node_modules', name);
  if (existsSync(installed)) return installed;
  const locked = lock.packages[`node_modules/${name}`];
  if (!locked) throw new Error(`package-lock.json has no ${name}`);
  return fetchedPackage(name, locked);
}

/** Folder of a package from the registry, which must be the one that was meant. */
export function fetchedPackage(name: string, { version, integrity }: Locked): string {
  const folder = join(KEPT, `${name.replace('/', '+')}-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(KEPT, { recursive: true });
  const work = mkdtempSync(join(KEPT, 'fetch-'));
  try {
    const packed = execFileSync('npm', ['pack', `${name}@${version}`, '--json', '--pack-destination', work], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
    const file = join(work, filename);
    const found = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
    if (found !== integrity)
      throw new Error(`${name}@${version} is not what it was: ${found}, expected ${integrity}`);
    execFileSync('tar', ['-xzf', file, '-C', work]);
    renameSync(join(work, 'package'), folder);
    return folder;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Files of a package into the same place under `folder`. */
export function copyPackage(name: string, folder: string, files: readonly string[]): void {
  const from = lockedPackage(name);
  const to = join(folder, 'node_modules', name);
  for (const file of files) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(from, file), join(to, file), { recursive: true });
  }
}
