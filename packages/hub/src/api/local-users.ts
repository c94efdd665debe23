/** On one's own machine: by token, or by the cookie that a token was exchanged for. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Access } from '@kubeshark/model';
import { ACCESS_ALL, accessTo } from '@kubeshark/model';
import type { HubSettings } from '../settings.ts';
import type { Authenticator, KnownWorker, Visitor } from './authenticator.ts';
import { bearerOf } from './authenticator.ts';
import { sessionOf, setSession } from './cookies.ts';

const COOKIE_SECONDS = 30 * 86_400;

interface User {
  token: Buffer;
  /** What the cookie holds: made from the token, so that it outlives the hub and is of no use for making the token. */
  session: Buffer;
  visitor: Visitor;
}

export class LocalUsers implements Authenticator {
  readonly signIn = null;
  private readonly users: readonly User[];
  private readonly workerToken: Buffer;

  constructor({ userToken, restrictedUsers = [], workerToken }: HubSettings) {
    this.users = [
      user(userToken, ACCESS_ALL),
      ...restrictedUsers.map(({ token, namespaces }) => user(token, accessTo(...namespaces))),
    ];
    this.workerToken = Buffer.from(workerToken);
  }

  async visitor(request: IncomingMessage): Promise<Visitor | null> {
    const bearer = bearerOf(request);
    if (bearer !== null) return this.find('token', bearer)?.visitor ?? null;
    const session = sessionOf(request);
    return session === null ? null : (this.find('session', session)?.visitor ?? null);
  }

  async worker(request: IncomingMessage): Promise<KnownWorker | null> {
    const bearer = bearerOf(request);
    return bearer !== null && equal(Buffer.from(bearer), this.workerToken) ? { name: null } : null;
  }

  async sessionCookie(token: string, request: IncomingMessage): Promise<string | null> {
    const found = this.find('token', token);
    if (!found) return null;
    return setSession(request, found.session.toString('latin1'), { seconds: COOKIE_SECONDS });
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
  // Nothing is targeted on one's own machine.
  const visitor = {
    name: access.all ? 'owner' : 'guest',
    groups: [],
    access,
    mayTarget: false,
    endsAt: null,
  };
  return { token: Buffer.from(token), session: Buffer.from(session), visitor };
}

function equal(a: Buffer, b: Buffer): boolean {
  const digest = (bytes: Buffer) => createHmac('sha256', 'length').update(bytes).digest();
  return timingSafeEqual(digest(a), digest(b));
}
