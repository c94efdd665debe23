/** The command as one file that runs on a machine without Node: Node's "single executable application". */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import type { Metafile, Plugin } from 'esbuild';
import { bundle, bundleModules, NATIVE, ROOT } from './bundle.ts';
import { licences } from './licences.ts';
import { lockedPackage } from './packages.ts';
import type { Platform } from './platforms.ts';
import { copyDuckdb, copyKoffi, nodeBinary } from './platforms.ts';

/** Written in Node's own binary: where the program is put (docs: "Single executable applications"). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** Builds `file` for the platform; `work` may be written to. The page must be built. */
export async function buildExecutable(
  platform: Platform,
  file: string,
  work: string,
  registry?: string,
): Promise<void> {
  rmSync(work, { recursive: true, force: true });
  const unpacked = join(work, 'files');
  mkdirSync(unpacked, { recursive: true });

  const started = new Set<string>();
  const program = join(work, 'program.cjs');
  const metafile = await bundle(
    {
      entryPoints: [join(ROOT, 'packages/cli/src/executable/main.ts')],
      outfile: program,
      format: 'cjs',
      minifyWhitespace: true,
      minifySyntax: true,
      plugins: [nativeFromFiles],
    },
    {
      locate: (source) => `new URL(${JSON.stringify(source)}, globalThis.kubesharkFiles()).href`,
      onEntry: (source) => started.add(source),
      registry,
    },
  );
  started.delete('packages/cli/src/main.ts');
  const { metafiles } = await bundleModules([...started], unpacked);
  await layOutFiles(platform, unpacked, [metafile, ...metafiles]);
  const packed = packFiles(unpacked, join(work, 'packed'));

  const blob = join(work, 'program.blob');
  const config = join(work, 'sea.json');
  writeFileSync(
    config,
    JSON.stringify({
      main: program,
      output: blob,
      assets: packed,
      disableExperimentalSEAWarning: true,
      // Halves the time to start. The code must be compiled where it runs.
      useCodeCache: platform === `${process.platform}-${process.arch}`,
    }),
  );
  runNode('--experimental-sea-config', config);
  cpSync(nodeBinary(platform), file);
  chmodSync(file, 0o755);
  runNode(
    join(ROOT, 'node_modules/postject/dist/cli.js'),
    file,
    'NODE_SEA_BLOB',
    blob,
    '--sentinel-fuse',
    FUSE,
  );
}

/** Quiet: both programs warn of what is harmless. When one fails, the error has what it said. */
function runNode(...args: string[]): void {
  execFileSync(process.execPath, args, { stdio: 'pipe' });
}

/** Packages with a part in machine code are loaded from the unpacked files. */
const nativeFromFiles: Plugin = {
  name: 'native-from-files',
  setup(build) {
    const filter = new RegExp(`^(${NATIVE.join('|')})$`);
    build.onResolve({ filter }, ({ path }) => ({ path, namespace: 'native' }));
    build.onLoad({ filter, namespace: 'native' }, ({ path }) => ({
      contents: `module.exports = globalThis.kubesharkRequire(${JSON.stringify(path)});`,
    }));
  },
};

async function layOutFiles(
  platform: Platform,
  folder: string,
  metafiles: readonly Metafile[],
): Promise<void> {
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  for (const path of ['packages/web/dist', 'packages/cli/sample', 'LICENSE'])
    cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  copyDuckdb(platform, folder);
  if (platform !== 'win32-x64') copyKoffi(platform, folder);
  const others = ['koffi', '@duckdb/node-bindings'].map(lockedPackage);
  writeFileSync(join(folder, 'LICENSES-OF-OTHERS.txt'), licences(metafiles, others));
}

/** Compresses every file; returns the assets by name, with the list of them. */
function packFiles(folder: string, packed: string): Record<string, string> {
  mkdirSync(packed);
  const assets: Record<string, string> = {};
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) =>
      join(parentPath, name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .toSorted();
  const list = paths.map((path, number) => {
    const contents = readFileSync(join(folder, path));
    const file = join(packed, String(number));
    writeFileSync(file, zstdCompressSync(contents, { params: { [constants.ZSTD_c_compressionLevel]: 15 } }));
    assets[path] = file;
    return { path, sha256: createHash('sha256').update(contents).digest('hex') };
  });
  const names = join(packed, 'files.json');
  writeFileSync(names, JSON.stringify(list));
  return { ...assets, 'files.json': names };
}
