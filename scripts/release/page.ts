import { execFileSync } from 'node:child_process';
import { ROOT } from './bundle.ts';

/** Into packages/web/dist. */
export function buildPage(): void {
  execFileSync('npm', ['run', '--silent', 'build:web', '--', '--logLevel=error'], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
  });
}
