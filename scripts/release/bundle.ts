/**
 * The sources as few JavaScript files, laid out as they lie in the checkout: what a module finds beside itself there (`new URL('…',
 * import.meta.url)`), it finds in an image and in the single executable too.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BuildOptions, Metafile, Plugin } from 'esbuild';
import { build as esbuild } from 'esbuild';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** Loaded from disk at run time: they have a part in machine code. */
export const NATIVE = ['koffi', '@duckdb/node-bindings'];

const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
export const VERSION = version;

export interface Bundled {
  /** Path of each file that was written, as its source's in the checkout but with `.js`. */
  files: string[];
  metafiles: Metafile[];
}

/** Bundles each entry (`packages/hub/src/main.ts`), and what it starts as a thread or as a process of its own, into `folder`. */
export async function bundleModules(
  entries: readonly string[],
  folder: string,
  registry?: string,
): Promise<Bundled> {
  const waiting = [...entries];
  const done = new Map<string, Metafile>();
  for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
    if (done.has(entry)) continue;
    const file = entry.replace(/\.ts$/, '.js');
    const locate = (source: string) =>
      `new URL(${JSON.stringify(posix.relative(posix.dirname(file), source))}, import.meta.url).href`;
    done.set(
      entry,
      await bundle(
        {
          entryPoints: [join(ROOT, entry)],
          outfile: join(folder, file),
          format: 'esm',
          external: NATIVE,
          // What was CommonJS goes on asking for Node's own modules.
          banner: {
            js: "import { createRequire as createRequireHere } from 'node:module';\nconst require = createRequireHere(import.meta.url);",
          },
        },
        { locate, onEntry: (found) => waiting.push(found), registry },
      ),
    );
  }
  return {
    files: [...done.keys()].map((entry) => entry.replace(/\.ts$/, '.js')),
    metafiles: [...done.values()],
  };
}

export interface Sources {
  /** A JavaScript expression for the URL that a source of the checkout would have. */
  locate: (source: string) => string;
  /** A module that is started by its file. */
  onEntry: (source: string) => void;
  /** Where this release's images are; as the sources say when left out. */
  registry?: string | undefined;
}

export async function bundle(options: BuildOptions, sources: Sources): Promise<Metafile> {
  const { metafile } = await esbuild({
    bundle: true,
    platform: 'node',
    target: 'node24',
    conditions: ['node'],
    mainFields: ['module', 'main'],
    keepNames: true,
    metafile: true,
    legalComments: 'none',
    logLevel: 'warning',
    ...options,
    plugins: [...(options.plugins ?? []), sourcesPlugin(sources)],
  });
  return metafile!;
}

function sourcesPlugin({ locate, onEntry, registry }: Sources): Plugin {
  return {
    name: 'sources',
    setup(build) {
      build.onLoad({ filter: /[/\\]packages[/\\][^\\/]+[/\\]src[/\\].*\.ts$/ }, async ({ path }) => {
        const source = posixPath(path.slice(ROOT.length));
        const text = await readFile(path, 'utf8');
        if (source === VERSION_SOURCE) return { contents: released(text, registry), loader: 'ts' };
        const contents = text
          .replaceAll(/new URL\('(\.[^']*)\.ts', import\.meta\.url\)/g, (_, module: string) => {
            onEntry(posix.join(posix.dirname(source), `${module}.ts`));
            return `new URL('${module}.js', import.meta.url)`;
          })
          .replaceAll('import.meta.url', locate(source));
        return { contents, loader: 'ts', resolveDir: dirname(path) };
      });
    },
  };
}

/** No package.json lies beside a release, and its images are in a registry. */
const VERSION_SOURCE = 'packages/cli/src/version.ts';
const released = (text: string, registry: string | undefined): string => {
  const named = /IMAGE_REGISTRY: string = '(.*)'/.exec(text)?.[1];
  if (named === undefined) throw new Error(`${VERSION_SOURCE} names no registry`);
  return `export const VERSION = ${JSON.stringify(VERSION)};
export const IMAGE_REGISTRY = ${JSON.stringify(registry ?? named)};`;
};

const posixPath = (path: string): string => path.replaceAll('\\', '/');
