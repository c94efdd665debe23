/** `npm run build`: what a release consists of, into dist/release. `npm run build -- --help` says how. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { chart } from '../packages/cli/src/manifests/chart.ts';
import { defaultValues, mergeValues } from '../packages/cli/src/manifests/index.ts';
import { buildImages, imagePlatforms } from './images.ts';
import { ROOT, VERSION } from './release/bundle.ts';
import { ContainerTool, installedTool } from './release/container-tools.ts';
import { buildExecutable } from './release/executable.ts';
import { buildNpmPackage } from './release/npm-package.ts';
import { buildPage } from './release/page.ts';
import type { Platform } from './release/platforms.ts';

const KINDS = ['commands', 'npm', 'chart', 'images'];

const HELP = `npm run build -- [options]

  --registry NAME   where the images will be: the command and the chart name it (localhost)
  --only LIST       of ${KINDS.join(', ')} (all)
  --platform LIST   of the images (linux/amd64,linux/arm64)
  --base IMAGE      of the images, as in npm run images
  --builder COMMAND of the images, as in npm run images
  --push            push the images to the registry

Everything is written to dist/release, with SHA256SUMS.`;

const OUTPUT = join(ROOT, 'dist/release');
const WORK = join(ROOT, 'dist/work');

/** Systems for which npm has a Node that a program can be put into, by the name of the file. */
const COMMANDS: Readonly<Record<string, Platform>> = {
  'linux-amd64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'windows-amd64.exe': 'win32-x64',
};

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      registry: { type: 'string', default: 'localhost' },
      only: { type: 'string', default: KINDS.join(',') },
      platform: { type: 'string', default: 'linux/amd64,linux/arm64' },
      base: { type: 'string' },
      builder: { type: 'string' },
      push: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return console.log(HELP);
  const { registry } = values;
  const kinds = values.only.split(',');
  for (const kind of kinds)
    if (!KINDS.includes(kind)) throw new Error(`--only ${kind}: there is ${KINDS.join(', ')}`);

  rmSync(OUTPUT, { recursive: true, force: true });
  mkdirSync(OUTPUT, { recursive: true });
  buildPage();
  if (kinds.includes('commands'))
    for (const [name, platform] of Object.entries(COMMANDS))
      await buildExecutable(
        platform,
        join(OUTPUT, `kubeshark-${VERSION}-${name}`),
        join(WORK, platform),
        registry,
      );
  if (kinds.includes('npm'))
    await buildNpmPackage(join(OUTPUT, `kubeshark-${VERSION}-npm.tgz`), join(WORK, 'npm'), registry);
  if (kinds.includes('chart')) packChart(registry);
  if (kinds.includes('images'))
    await buildImages({
      registry,
      tag: VERSION,
      platforms: imagePlatforms(values.platform),
      base: values.base,
      tool: values.builder === undefined ? installedTool() : new ContainerTool(values.builder),
      push: values.push,
      output: OUTPUT,
      work: join(WORK, 'images'),
    });
  const sums = readdirSync(OUTPUT).map((name) => {
    const hash = createHash('sha256').update(readFileSync(join(OUTPUT, name)));
    return `${hash.digest('hex')}  ${name}\n`;
  });
  writeFileSync(join(OUTPUT, 'SHA256SUMS'), sums.join(''));
  for (const name of readdirSync(OUTPUT)) console.log(join(OUTPUT, name));
}

/** As `helm package` does it. */
function packChart(registry: string): void {
  const folder = join(WORK, 'chart/kubeshark');
  for (const [path, contents] of chart(mergeValues(defaultValues, [`image.registry=${registry}`]))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), contents);
  }
  execFileSync('tar', ['-czf', join(OUTPUT, `kubeshark-${VERSION}.tgz`), '-C', dirname(folder), 'kubeshark']);
}

await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`build: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
