/** The session's cookie, and the one of a browser that is at the issuer. */
import type { IncomingMessage } from 'node:http';
import { sessionCookie } from '@kubeshark/model';

interface Terms {
  seconds: number;
  /** Over https only. */
  secure?: boolean | undefined;
}

/** Browsers take a cookie of such a name over https from the host itself alone: no other host of the domain can put its own there. */
const HOST_ONLY = '__Host-';

const sessionName = ({ headers }: IncomingMessage): string => sessionCookie(headers.host);
const signInName = (request: IncomingMessage): string => `${sessionName(request)}-sign-in`;

/** `secure`: it is known that the browser came over https. */
function read(request: IncomingMessage, wanted: string, secure: boolean): string | null {
  const all = (request.headers.cookie ?? '').split(';').map((part) => part.trim().split('='));
  const valueOf = (name: string) => all.find(([known]) => known === name)?.[1] ?? null;
  return valueOf(HOST_ONLY + wanted) ?? (secure ? null : valueOf(wanted));
}

/** Sent to every path, as such names ask for: scripts cannot read it. */
function cookie(name: string, value: string, sameSite: 'Strict' | 'Lax', { seconds, secure }: Terms): string {
  const [start, end] = secure ? [HOST_ONLY, '; Secure'] : ['', ''];
  return `${start}${name}=${value}; HttpOnly; SameSite=${sameSite}; Path=/; Max-Age=${Math.floor(seconds)}${end}`;
}

export function sessionOf(request: IncomingMessage, secure = false): string | null {
  return read(request, sessionName(request), secure);
}

/** Other sites cannot send it. */
export function setSession(request: IncomingMessage, value: string, terms: Terms): string {
  const secure = terms.secure === true || fromHttps(request);
  return cookie(sessionName(request), value, 'Strict', { ...terms, secure });
}

/** Browsers name the page that asks; whatever ends TLS before the hub may not say that it did. */
function fromHttps({ headers }: IncomingMessage): boolean {
  return headers.origin?.startsWith('https://') ?? false;
}

export function endSession(request: IncomingMessage): string[] {
  return [false, true].map((secure) => cookie(sessionName(request), '', 'Strict', { seconds: 0, secure }));
}

export function signInOf(request: IncomingMessage, secure: boolean): string | null {
  return read(request, signInName(request), secure);
}

/** Lax: the browser comes back from another site. */
export function setSignIn(request: IncomingMessage, value: string, terms: Terms): string {
  return cookie(signInName(request), value, 'Lax', terms);
}
