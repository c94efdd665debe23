/**
 * The cluster that tests and benchmarks use, with the images of this checkout and the demo shop. TEST_KUBECONFIG names one,
 * whose nodes can pull TEST_REGISTRY/kubeshark-{hub,worker} and TEST_REGISTRY/shop, all with tag TEST_TAG.
 * Without it the cluster in ../shared/cluster is started, where that folder is there.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TOOLS = join(ROOT, '../shared/cluster');
/** Where that cluster keeps its programs and its state. */
export const HOME =
  process.env['TEST_CLUSTER_HOME'] ?? join(process.env['HOME'] ?? '/root', '.cache/test-cluster');

export interface ClusterUnderTest {
  kubeconfig: string;
  kubectl: string;
  registry: string;
  tag: string;
}

/** null: there is none. */
export async function clusterUnderTest(): Promise<ClusterUnderTest | null> {
  const { TEST_KUBECONFIG, TEST_REGISTRY = 'localhost', TEST_TAG } = process.env;
  if (TEST_KUBECONFIG !== undefined)
    return {
      kubeconfig: TEST_KUBECONFIG,
      kubectl: 'kubectl',
      registry: TEST_REGISTRY,
      tag: TEST_TAG ?? 'test',
    };
  if (!existsSync(join(TOOLS, 'up')) || process.getuid?.() !== 0) {
    return null;
  }
  const kubeconfig = tool('up', '--nodes', '2');
  const tag = 'test';
  await loadImages(tag);
  return { kubeconfig, kubectl: join(HOME, 'bin/kubectl'), registry: 'localhost', tag };
}

/** Runs one of the cluster's commands; the last line that it prints. */
export function tool(name: string, ...args: string[]): string {
  const printed = execFileSync(join(TOOLS, name), args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 2] });
  return printed.trim().split('\n').at(-1)!;
}

async function loadImages(tag: string): Promise<void> {
  const base = 'localhost/base-node:bookworm';
  tool('base-image', '--name', base, 'libstdc++6', 'ca-certificates', 'libbpf1');
  const shop = await shopImage(tag);
  const output = join(tmpdir(), 'kubeshark-test-images');
  // The cluster's own builder: its storage knows the base images.
  const builder = `buildah --storage-driver overlay --root ${HOME}/buildah --runroot ${HOME}/buildah/run`;
  const archives = execFileSync(
    'npm',
    ['run', '-s', 'images', '--', '--tag', tag, '--base', base, '--output', output, '--builder', builder],
    { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  tool('load-image', shop, ...archives.trim().split('\n').slice(-2));
}

async function shopImage(tag: string): Promise<string> {
  const base = 'localhost/shop-base:bookworm';
  const servers = ['redis-server', 'postgresql', 'util-linux', 'nginx-light', 'iptables'];
  tool('base-image', '--name', base, 'libstdc++6', ...servers);
  const source = join(ROOT, 'e2e/cluster/shop');
  const context = mkdtempSync(join(tmpdir(), 'kubeshark-shop-'));
  mkdirSync(context, { recursive: true });
  await build({
    entryPoints: [join(source, 'shop.mjs')],
    outfile: join(context, 'shop.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['pg-native'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  for (const file of ['Containerfile', 'postgres.sh']) copyFileSync(join(source, file), join(context, file));
  copyFileSync(process.execPath, join(context, 'node'));
  return tool('build-image', `localhost/shop:${tag}`, context, '--build-arg', `BASE=${base}`);
}

export class Kubectl {
  private readonly cluster: ClusterUnderTest;

  constructor(cluster: ClusterUnderTest) {
    this.cluster = cluster;
  }

  run(...args: string[]): string {
    return execFileSync(this.cluster.kubectl, ['--kubeconfig', this.cluster.kubeconfig, ...args], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  apply(objects: readonly unknown[]): void {
    execFileSync(this.cluster.kubectl, ['--kubeconfig', this.cluster.kubeconfig, 'apply', '-f', '-'], {
      input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }),
    });
  }
}
