/** The programs that build images and give them to a cluster: each does the same with other words. */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { basename } from 'node:path';

export interface ImageBuild {
  tag: string;
  /** As container tools write it: `linux/amd64`. */
  platform: string;
  containerfile: string;
  context: string;
  arguments: Readonly<Record<string, string>>;
}

export class ContainerTool {
  private readonly command: string;
  private readonly options: readonly string[];

  /** `docker`, `podman`, `buildah`; with options of its own behind, if any: `buildah --root /elsewhere`. */
  constructor(words: string) {
    const [command, ...options] = words.split(/\s+/) as [string, ...string[]];
    this.command = command;
    this.options = options;
    if (!['docker', 'podman', 'buildah'].includes(this.name))
      throw new Error(`--builder ${words}: docker, podman or buildah is asked for`);
  }

  private get name(): string {
    return basename(this.command);
  }

  build({ tag, platform, containerfile, context, arguments: values }: ImageBuild): void {
    const verb = this.name === 'docker' ? ['buildx', 'build', '--load'] : ['build'];
    const given = Object.entries(values).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
    // No command runs in the image, so nothing has to be kept apart: this also works inside of a container.
    const apart = this.name === 'buildah' ? ['--isolation', 'chroot'] : [];
    this.run(
      ...verb,
      ...apart,
      '--platform',
      platform,
      '--tag',
      tag,
      '--file',
      containerfile,
      ...given,
      context,
    );
  }

  /** As an archive that every tool and cluster can load. */
  save(tag: string, file: string): void {
    // No tool puts an image into an archive that is there already.
    rmSync(file, { force: true });
    if (this.name === 'buildah') this.run('push', '--quiet', tag, `docker-archive:${file}:${tag}`);
    else if (this.name === 'podman') this.run('save', '--format', 'docker-archive', '--output', file, tag);
    else this.run('save', '--output', file, tag);
  }

  push(tag: string): void {
    this.run('push', tag);
  }

  /** One name for images of several platforms, which were pushed before. */
  pushTogether(tag: string, members: readonly string[]): void {
    if (this.name === 'docker') {
      this.run('buildx', 'imagetools', 'create', '--tag', tag, ...members);
      return;
    }
    this.run('manifest', 'create', tag, ...members.map((member) => `docker://${member}`));
    try {
      this.run('manifest', 'push', '--all', tag, `docker://${tag}`);
    } finally {
      this.run('manifest', 'rm', tag);
    }
  }

  private run(...args: string[]): void {
    execFileSync(this.command, [...this.options, ...args], { stdio: ['ignore', 2, 2] });
  }
}

/** The first that is installed and answers. */
export function installedTool(): ContainerTool {
  for (const [name, question] of [
    ['docker', 'info'],
    ['podman', 'version'],
    ['buildah', 'version'],
  ] as const)
    try {
      execFileSync(name, [question], { stdio: 'ignore' });
      return new ContainerTool(name);
    } catch {
      continue;
    }
  throw new Error('docker, podman or buildah is needed to build images, and none was found');
}

const LOADERS: Readonly<Record<string, (file: string) => [string, ...string[]]>> = {
  kind: (file) => ['kind', 'load', 'image-archive', file],
  minikube: (file) => ['minikube', 'image', 'load', file],
  k3d: (file) => ['k3d', 'image', 'import', file],
  containerd: (file) => ['ctr', '--namespace', 'k8s.io', 'images', 'import', file],
};

/** Where images can be loaded to. */
export const LOADABLE: readonly string[] = Object.keys(LOADERS);

export function load(target: string, file: string): void {
  const [command, ...args] = LOADERS[target]!(file);
  execFileSync(command, args, { stdio: ['ignore', 2, 2] });
}
