/**
 * Start of the single executable. It holds the command, and packed files laid out as in the checkout: the page, the sample, parts
 * in machine code, and what runs as a thread or as a process of its own. A command that needs them unpacks them.
 */
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { getAsset, getRawAsset } from 'node:sea';
import { pathToFileURL } from 'node:url';
import { zstdDecompressSync } from 'node:zlib';
import { cacheFolder } from '../folders.ts';
import type { PackedFile } from './unpack.ts';
import { folderOf, unpack } from './unpack.ts';

/** The bundler puts these where a source asks for its own place, and for a package with a part in machine code. */
declare global {
  var kubesharkFiles: () => string;
  var kubesharkRequire: (name: string) => unknown;
}

const files = JSON.parse(getAsset('files.json', 'utf8')) as PackedFile[];
const folder = folderOf(files, cacheFolder() ?? tmpdir());
/** By this name the command starts itself. */
const SELF = join(folder, 'packages/cli/src/main.js');

let isUnpacked = false;
globalThis.kubesharkFiles = () => {
  if (!isUnpacked) unpack(files, folder, ({ path }) => zstdDecompressSync(Buffer.from(getRawAsset(path))));
  isUnpacked = true;
  return `${pathToFileURL(folder).href}/`;
};
globalThis.kubesharkRequire = (name) =>
  createRequire(new URL('package.json', globalThis.kubesharkFiles()))(name);

// The product starts parts of itself as `node [option …] FILE`; this program is that node.
const at = process.argv.findIndex((argument, index) => index > 1 && !argument.startsWith('-'));
const file = at > 0 && process.argv[at]!.startsWith(folder + sep) ? process.argv[at]! : '';
if (file !== '') process.argv.splice(1, at, file);
void (file === '' || file === SELF ? import('../main.ts') : import(pathToFileURL(file).href));
