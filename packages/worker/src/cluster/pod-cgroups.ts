/**
 * Where the kubelet keeps the control groups of pods, and the processes in them. Every runtime puts a pod's processes below
 * a folder with the pod's UID: `kubepods/burstable/pod<uid>/…`, or `kubepods-burstable-pod<uid>.slice/…` with `_` for `-`
 * (systemd). What lies above (kind, k3s, minikube nest it) and the containers' names below do not matter.
 */
import type { Dirent, FSWatcher } from 'node:fs';
import { readdirSync, readFileSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';

export interface PodCgroupsOptions {
  /** The node's cgroup file system: `/proc/1/root/sys/fs/cgroup`. */
  root: string;
  /** Something came or went in the control groups of this pod. */
  onChange: (uid: string) => void;
}

/** Of cgroup v1, where each controller has a hierarchy of its own, the first of these that has pods. */
const HIERARCHIES = ['pids', 'memory', 'cpu', 'systemd', 'unified'];
const PODS = /(?:^|-)kubepods(?:\.slice)?$/;
const CLASS = /(?:^|-)(?:burstable|besteffort)(?:\.slice)?$/;
const POD = /(?:^|-)pod([0-9a-f][0-9a-f_-]{7,63})(?:\.slice)?$/;
/** Folders that the pods' folder does not lie in; a node has hundreds of them. */
const LEAF = /\.(?:service|scope|mount|socket|swap)$/;
/** `docker/<id>/kubelet.slice/kubelet-kubepods.slice` */
const DEPTH = 4;
/** Containers of containers: how deep processes are looked for. */
const NESTED = 4;

/** All folders are looked through for those of pods this often, once some were found: a node has hundreds. */
const SEARCH_MS = 60_000;

/** UID of the pod whose control group has this name. */
export function podOf(name: string): string | undefined {
  return POD.exec(name)?.[1]?.replaceAll('_', '-');
}

export class PodCgroups {
  private readonly options: PodCgroupsOptions;
  /** Folders that pods lie in: `kubepods` and its classes. */
  private parents = new Set<string>();
  private readonly folders = new Map<string, string>();
  private readonly watchers = new Map<string, FSWatcher>();
  private searched = Number.NEGATIVE_INFINITY;
  private wanted: ReadonlySet<string> = new Set();
  /** The kernel's limit for watches is reached, or there is no word of changes here: `scan` has to do. */
  unwatched = 0;

  constructor(options: PodCgroupsOptions) {
    this.options = options;
  }

  get version(): 'v1' | 'v2' | 'none' {
    if (names(this.options.root).length === 0) return 'none';
    return exists(join(this.options.root, 'cgroup.controllers')) ? 'v2' : 'v1';
  }

  /** There are pods on this node at all. */
  get found(): boolean {
    return this.parents.size > 0;
  }

  /** The pods to be watched from now on. */
  want(uids: ReadonlySet<string>): void {
    this.wanted = uids;
    for (const uid of this.folders.keys()) if (!uids.has(uid)) this.forget(uid);
    this.scan();
  }

  /** Looks at all of it. What is watched needs this seldom. */
  scan(): void {
    const now = performance.now();
    if (!this.found || now - this.searched > SEARCH_MS) {
      this.searched = now;
      for (const top of this.tops()) this.addParent(top);
    }
    for (const parent of this.parents) this.scanParent(parent);
    for (const [uid, folder] of this.folders) if (!exists(folder)) this.forget(uid);
  }

  /** The pod has a control group: the kubelet has begun with it. */
  has(uid: string): boolean {
    return this.folders.has(uid);
  }

  /** Processes of the pod: those of its oldest container first, which is its sandbox, and a container's own before those of containers in it. */
  *processes(uid: string): Generator<number> {
    const folder = this.folders.get(uid);
    if (folder === undefined) return;
    let level = [folder];
    for (let depth = 0; depth <= NESTED && level.length > 0; depth++) {
      for (const each of level) yield* processesOf(each);
      level = level.flatMap(byAge);
    }
  }

  close(): void {
    for (const watcher of this.watchers.values()) watcher.close();
    this.watchers.clear();
  }

  private tops(): string[] {
    const { root } = this.options;
    if (this.version === 'v2') return find(root, DEPTH);
    for (const hierarchy of HIERARCHIES) {
      const tops = find(join(root, hierarchy), DEPTH);
      if (tops.length > 0) return tops;
    }
    return [];
  }

  private addParent(folder: string): void {
    if (this.parents.has(folder)) return;
    this.parents.add(folder);
    this.watch(folder, (name) => {
      const uid = name === null ? undefined : podOf(name);
      if (uid === undefined) this.scanParent(folder);
      else if (this.wanted.has(uid)) this.look(uid, join(folder, name!));
    });
  }

  private scanParent(parent: string): void {
    for (const name of names(parent)) {
      if (CLASS.test(name) && !this.parents.has(join(parent, name))) {
        this.addParent(join(parent, name));
        this.scanParent(join(parent, name));
      }
      const uid = podOf(name);
      if (uid !== undefined && this.wanted.has(uid) && !this.folders.has(uid))
        this.look(uid, join(parent, name));
    }
  }

  private look(uid: string, folder: string): void {
    if (!exists(folder)) this.forget(uid);
    else if (this.folders.get(uid) !== folder) {
      this.folders.set(uid, folder);
      this.watch(folder, () => this.options.onChange(uid));
    }
    this.options.onChange(uid);
  }

  private forget(uid: string): void {
    const folder = this.folders.get(uid);
    if (folder === undefined) return;
    this.folders.delete(uid);
    this.unwatch(folder);
  }

  private watch(folder: string, heard: (name: string | null) => void): void {
    if (this.watchers.has(folder)) return;
    try {
      const watcher = watch(folder, { persistent: false }, (_, name) => {
        if (!exists(folder)) this.unwatch(folder);
        heard(name);
      });
      watcher.on('error', () => this.unwatch(folder));
      this.watchers.set(folder, watcher);
    } catch {
      this.unwatched++;
    }
  }

  private unwatch(folder: string): void {
    this.watchers.get(folder)?.close();
    this.watchers.delete(folder);
    this.parents.delete(folder);
  }
}

function find(folder: string, depth: number): string[] {
  return names(folder).flatMap((name) => {
    const path = join(folder, name);
    if (PODS.test(name)) return [path];
    return depth > 0 && !LEAF.test(name) ? find(path, depth - 1) : [];
  });
}

/** A number of the kernel's grows with each folder that is made. */
function byAge(folder: string): string[] {
  return names(folder)
    .flatMap((name) => {
      const stat = statSync(join(folder, name), { throwIfNoEntry: false });
      return stat ? [{ path: join(folder, name), inode: stat.ino }] : [];
    })
    .toSorted((a, b) => a.inode - b.inode)
    .map(({ path }) => path);
}

/** Folders in it; none when it is gone. */
function names(folder: string): string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

function processesOf(folder: string): number[] {
  try {
    return readFileSync(join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    // It is gone, or is of a kind that has threads only.
    return [];
  }
}

function exists(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}
