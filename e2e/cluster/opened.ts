/** The command on a cluster, as a user runs it, and the hub that it opens. */
import type { ListRow, Page, TargetRule } from '@kubeshark/model';
import { Running } from '../support/command.ts';
import type { ClusterUnderTest } from './under-test.ts';

/** A hub in the cluster, as one user sees it. */
class Opened {
  readonly running: Running;
  readonly began = performance.now();

  constructor(cluster: ClusterUnderTest, command: string, namespace: string, args: readonly string[]) {
    const where = `--kubeconfig ${cluster.kubeconfig} --release-namespace ${namespace} --no-open --port 0`;
    this.running = new Running([command, ...args, ...where.split(' ')]);
  }

  /** The page's address with its token, once it is printed. */
  async page(): Promise<URL> {
    const [address] = await this.running.says(/http:\/\/localhost:\d+\/\S*#token=[\w.-]+/, 120_000);
    return new URL(address);
  }

  async ask<T>(path: string): Promise<T> {
    const response = await this.request(path);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }

  /** Puts a rule in the place of the one in force. */
  async target(rule: Partial<TargetRule>): Promise<Response> {
    return await this.request('/targets', {
      method: 'PUT',
      headers: { 'x-kubeshark': '1', 'content-type': 'application/json' },
      body: JSON.stringify(rule),
    });
  }

  private async request(
    path: string,
    init: { method?: string; headers?: Record<string, string>; body?: string } = {},
  ) {
    const page = await this.page();
    const authorization = `Bearer ${page.hash.slice('#token='.length)}`;
    return await fetch(`${page.origin}/api/v1${path}`, {
      ...init,
      headers: { ...init.headers, authorization },
    });
  }

  /** Of one family of its metrics. */
  async metrics(family: string): Promise<Record<string, number>> {
    const { origin } = await this.page();
    const text = await (await fetch(`${origin}/metrics`)).text();
    const line = new RegExp(`^${family}\\{name="(\\w+)"\\} (\\S+)$`, 'gm');
    return Object.fromEntries(Array.from(text.matchAll(line), ([, name, n]) => [name!, Number(n)]));
  }

  /** All rows that match, oldest first. */
  async rows(filter: string): Promise<ListRow[]> {
    const rows: ListRow[] = [];
    for (let cursor = ''; ; ) {
      const page: Page = await this.ask(
        `/entries?filter=${encodeURIComponent(filter)}&limit=5000${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      rows.unshift(...page.rows);
      if (page.older === null || page.rows.length === 0) return rows;
      cursor = page.older;
    }
  }

  /** Ctrl-C; its exit code. */
  async interrupt(): Promise<number | null> {
    return await this.running.stop('SIGINT');
  }
}

/** `kubeshark deploy …` */
export class Deployed extends Opened {
  constructor(cluster: ClusterUnderTest, namespace: string, ...args: string[]) {
    const { registry, tag } = cluster;
    super(cluster, 'deploy', namespace, [
      ...args,
      ...`--image-registry ${registry} --image-tag ${tag}`.split(' '),
    ]);
  }
}

/** `kubeshark proxy --service-account …` */
export class Proxied extends Opened {
  constructor(cluster: ClusterUnderTest, namespace: string, account: string) {
    super(cluster, 'proxy', namespace, ['--service-account', account]);
  }
}
