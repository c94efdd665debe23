/** Who asks, and what they may. On one's own machine by token (local-users.ts), in a cluster by the API server (cluster/). */
import type { IncomingMessage } from 'node:http';
import type { Access } from '@kubeshark/model';

/** Somebody who may see something. */
export interface Visitor {
  /** As the cluster names them, and for the audit line. */
  readonly name: string;
  readonly groups: readonly string[];
  readonly access: Access;
  /** May change what is captured. */
  readonly mayTarget: boolean;
  /** When this ends by itself, ms; null: not known. */
  readonly endsAt: number | null;
}

/** A worker that has proved what it is. */
export interface KnownWorker {
  /** The only name it may use; null: any. */
  readonly name: string | null;
}

export interface Authenticator {
  /** Where a browser signs in at an issuer; null: nowhere. */
  readonly signIn: string | null;
  /** null: nobody who may see anything. Rejects with `Problem` 503 when it cannot be found out now. */
  visitor(request: IncomingMessage): Promise<Visitor | null>;
  worker(request: IncomingMessage): Promise<KnownWorker | null>;
  /** Value of the Set-Cookie header for a token; null when the token is nobody's. */
  sessionCookie(token: string, request: IncomingMessage): Promise<string | null>;
}

export function bearerOf({ headers }: IncomingMessage): string | null {
  return /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}
