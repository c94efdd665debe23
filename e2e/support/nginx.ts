/** nginx from Debian's package, in one process, until it is stopped. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './command.ts';

export class Nginx {
  static readonly path = '/usr/sbin/nginx';
  /** Its own, also for files that it serves. */
  readonly folder = mkdtempSync(join(tmpdir(), 'kubeshark-nginx-'));
  private readonly child: ChildProcess;

  private constructor(listen: string, server: string, namespace: string | undefined) {
    const { folder } = this;
    writeFileSync(
      join(folder, 'nginx.conf'),
      `daemon off; master_process off; pid ${folder}/pid; error_log stderr crit;
events { worker_connections 1024; }
http { access_log off; keepalive_requests 1000000000; open_file_cache max=10; client_body_temp_path ${folder};
  proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  server { listen ${listen}; root ${folder}; ${server} } }`,
    );
    const host = namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace];
    const [program, ...args] = [...host, Nginx.path, '-c', join(folder, 'nginx.conf'), '-p', folder];
    this.child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  }

  /** Resolves when it listens. `server`: what stands in its block beside address and root. */
  static async start(listen: string, server: string, namespace?: string): Promise<Nginx> {
    const nginx = new Nginx(listen, server, namespace);
    await until('nginx listens', () => existsSync(join(nginx.folder, 'pid')));
    return nginx;
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child.exitCode === null) {
      const ended = new Promise((resolve) => child.once('close', resolve));
      child.kill();
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}
