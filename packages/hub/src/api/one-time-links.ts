/**
 * Links that lead somewhere once. A browser gets such a one on its command line, which every user of the machine can read, in
 * place of an address with a token in it.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** A browser that has to start first is there within this. */
const LIFE_MS = 60_000;

export const ONCE_PREFIX = '/once/';
/** For who comes too late. */
export const ONCE_ONLY =
  'This link leads to the page once, within a minute, and has been used or is older. The terminal shows one that lasts.\n';

export class OneTimeLinks {
  private readonly targets = new Map<string, string>();

  /** The path that leads to `url`. */
  to(url: string): string {
    const path = `${ONCE_PREFIX}${randomBytes(24).toString('base64url')}`;
    this.targets.set(path, url);
    setTimeout(() => this.targets.delete(path), LIFE_MS).unref();
    return path;
  }

  /** Where a request is to go; null when nothing leads there, or not any more. */
  follow({ method, url = '' }: IncomingMessage): string | null {
    const target = this.targets.get(url);
    if (target === undefined || method !== 'GET') return null;
    this.targets.delete(url);
    return target;
  }
}
