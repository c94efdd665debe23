/** `npm run images`: builds the images of hub and worker. `npm run images -- --help` says how. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, VERSION } from './release/bundle.ts';
import { ContainerTool, installedTool, LOADABLE, load } from './release/container-tools.ts';
import type { LinuxPlatform } from './release/image-trees.ts';
import { layOut, PARTS } from './release/image-trees.ts';
import { buildPage } from './release/page.ts';

const HELP = `npm run images -- [options]

  --registry NAME       host and path before the names kubeshark-hub and kubeshark-worker (localhost)
  --tag TAG             (${VERSION})
  --platform LIST       linux/amd64, linux/arm64 or both, with a comma between (this machine's)
  --base IMAGE          what the images are built on: any with glibc 2.28 and libstdc++ (debian:bookworm-slim)
  --builder COMMAND     docker, podman or buildah, with options of its own if need be (the first that is found)
  --load CLUSTER        give the images to ${LOADABLE.join(', ')}
  --push                push them to the registry
  --output FOLDER       where the archives are written (dist/images)

The archives' paths are printed, one a line.`;

const PLATFORMS: Readonly<Record<string, LinuxPlatform>> = {
  'linux/amd64': 'linux-x64',
  'linux/arm64': 'linux-arm64',
};

export interface ImagesOptions {
  registry: string;
  tag: string;
  platforms: readonly string[];
  base?: string | undefined;
  tool: ContainerTool;
  load?: string | undefined;
  push: boolean;
  output: string;
  /** For what goes into them. */
  work: string;
}

/** Paths of the archives. The page must be built. */
export async function buildImages(options: ImagesOptions): Promise<string[]> {
  const { registry, tag, platforms, base, tool, output, work } = options;
  mkdirSync(output, { recursive: true });
  const archives: string[] = [];
  for (const part of PARTS) {
    const name = `${registry}/kubeshark-${part}:${tag}`;
    const members: string[] = [];
    for (const platform of platforms) {
      const machine = platform.split('/')[1]!;
      const context = join(work, `${part}-${machine}`);
      await layOut(part, PLATFORMS[platform]!, join(context, 'root'));
      // With one platform it is the name; with several each has its own, and they are put together at the end.
      const member = platforms.length === 1 ? name : `${name}-${machine}`;
      tool.build({
        tag: member,
        platform,
        containerfile: join(ROOT, `deploy/images/${part}/Containerfile`),
        context,
        arguments: { VERSION, ...(base === undefined ? {} : { BASE: base }) },
      });
      members.push(member);
      const archive = join(output, `kubeshark-${part}-${tag}-${machine}.tar`);
      tool.save(member, archive);
      archives.push(archive);
      if (options.load !== undefined) load(options.load, archive);
      if (options.push) tool.push(member);
    }
    if (options.push && members.length > 1) tool.pushTogether(name, members);
  }
  return archives;
}

export function imagePlatforms(list: string): string[] {
  const platforms = list.split(',');
  for (const platform of platforms)
    if (!Object.hasOwn(PLATFORMS, platform))
      throw new Error(`--platform ${platform}: there is ${Object.keys(PLATFORMS).join(' and ')}`);
  return platforms;
}

const HERE = process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64';

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      registry: { type: 'string', default: 'localhost' },
      tag: { type: 'string', default: VERSION },
      platform: { type: 'string', default: HERE },
      base: { type: 'string' },
      builder: { type: 'string' },
      load: { type: 'string' },
      push: { type: 'boolean', default: false },
      output: { type: 'string', default: join(ROOT, 'dist/images') },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return console.log(HELP);
  if (values.load !== undefined && !LOADABLE.includes(values.load))
    throw new Error(`--load ${values.load}: there is ${LOADABLE.join(', ')}`);
  buildPage();
  const archives = await buildImages({
    registry: values.registry,
    tag: values.tag,
    platforms: imagePlatforms(values.platform),
    base: values.base,
    tool: values.builder === undefined ? installedTool() : new ContainerTool(values.builder),
    load: values.load,
    push: values.push,
    output: values.output,
    work: join(ROOT, 'dist/work/images'),
  });
  for (const archive of archives) console.log(archive);
}

if (import.meta.main)
  await main(process.argv.slice(2)).catch((error: unknown) => {
    console.error(`images: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
