/** Who asks: by token, or by the cookie that a token was exchanged for. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Access } from '@kubeshark/model';
import { ACCESS_ALL, accessTo } from '@kubeshark/model';
import type { HubSettings } from '../settings.ts';

const COOKIE_DAYS = 30;

interface User {
  token: Buffer;
  /** What the cookie holds: made from the token, so that it outlives the hub and is of no use for making the token. */
  session: Buffer;
  access: Access;
}

export class Users {
  private readonly users: readonly User[];
  private readonly workerToken: Buffer;
  /** Cookies are shared by all ports of a host: each hub has its own. */
  private cookie = '';

  constructor({ userToken, restrictedUsers = [], workerToken }: HubSettings) {
    this.users = [
      user(userToken, ACCESS_ALL),
      ...restrictedUsers.map(({ token, namespaces }) => user(token, accessTo(...namespaces))),
    ];
    this.workerToken = Buffer.from(workerToken);
  }

  listening(port: number): void {
    this.cookie = `kubeshark-${port}`;
  }

  /** null: nobody who may see anything. */
  accessOf(request: IncomingMessage): Access | null {
    const bearer = bearerOf(request);
    if (bearer !== null) return this.find('token', bearer)?.access ?? null;
    for (const part of (request.headers.cookie ?? '').split(';')) {
      const [name, value = ''] = part.trim().split('=');
      if (name === this.cookie) return this.find('session', value)?.access ?? null;
    }
    return null;
  }

  isWorker(request: IncomingMessage): boolean {
    const bearer = bearerOf(request);
    return bearer !== null && equal(Buffer.from(bearer), this.workerToken);
  }

  /** Value of the Set-Cookie header for a token; null when the token is nobody's. */
  sessionCookie(token: string): string | null {
    const found = this.find('token', token);
    return found
      ? `${this.cookie}=${found.session.toString('latin1')}; HttpOnly; SameSite=Strict; Path=/; Max-Age=${COOKIE_DAYS * 86_400}`
      : null;
  }

  private find(what: 'token' | 'session', given: string): User | undefined {
    const bytes = Buffer.from(given);
    let found: User | undefined;
    // All are compared: time tells nothing.
    for (const user of this.users) if (equal(bytes, user[what])) found = user;
    return found;
  }
}

function user(token: string, access: Access): User {
  const session = createHmac('sha256', token).update('kubeshark session').digest('base64url');
  return { token: Buffer.from(token), session: Buffer.from(session), access };
}

function bearerOf({ headers }: IncomingMessage): string | null {
  return /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}

function equal(a: Buffer, b: Buffer): boolean {
  const digest = (bytes: Buffer) => createHmac('sha256', 'length').update(bytes).digest();
  return timingSafeEqual(digest(a), digest(b));
}
