/** Signing in at the issuer: there and back by the browser. What goes wrong is a page, since a person reads it. */
import type { FastifyError, FastifyInstance } from 'fastify';
import { z } from 'zod';
import { COOKIE_CHARACTERS } from '../cluster/cluster-users.ts';
import type { Begun } from '../cluster/oidc/issuer.ts';
import { CALLBACK_PATH, SIGN_IN_PATH } from '../cluster/oidc/issuer.ts';
import type { HubParts } from '../hub.ts';
import type { Authenticator } from './authenticator.ts';
import { setSignIn, signInOf } from './cookies.ts';
import { failure } from './errors.ts';
import { Problem } from './problem.ts';

/** How long somebody may take at the issuer. */
const SIGN_IN_SECONDS = 600;

const SignIn = z.object({ to: z.string().default('/') });

/** What the browser keeps meanwhile. Nobody but itself is harmed when it is another. */
const Waiting = z.object({ state: z.string(), nonce: z.string(), verifier: z.string(), to: z.string() });

export function serveSignIn(api: FastifyInstance, parts: HubParts, users: Authenticator): void {
  const { issuer } = parts;
  if (!issuer) return;
  api.setErrorHandler(async (error: FastifyError, _request, reply) => {
    const [status, { message, hint = '' }] = failure(parts, error);
    const page = problemPage(message, hint);
    return await reply.code(status).type('text/html; charset=utf-8').send(page);
  });

  api.get(SIGN_IN_PATH, async ({ query, raw }, reply) => {
    const { to } = SignIn.parse(query);
    const { location, begun } = await issuer.begin();
    const waiting = Buffer.from(JSON.stringify({ ...begun, to })).toString('base64url');
    if (waiting.length > COOKIE_CHARACTERS)
      throw new Problem(400, {
        code: 'address_too_long',
        message: 'The address is too long to come back to: a cookie does not hold it.',
        hint: 'Sign in from the plain page.',
      });
    const secure = issuer.secure(raw);
    const cookie = setSignIn(raw, waiting, { seconds: SIGN_IN_SECONDS, secure });
    return await reply.header('set-cookie', cookie).redirect(location.href);
  });

  api.get(CALLBACK_PATH, async ({ query, raw }, reply) => {
    const begun = waitingIn(signInOf(raw, issuer.secure(raw)));
    if (begun === null || (query as { state?: unknown }).state !== begun.state)
      throw new Problem(400, {
        code: 'sign_in_not_begun',
        message: 'This sign-in was not begun in this browser, or another one was begun since.',
        hint: 'Sign in again. It may take ten minutes, and the browser must take cookies.',
      });
    const token = await issuer.finish(raw.url!.slice(raw.url!.indexOf('?') + 1), begun);
    if (token.length > COOKIE_CHARACTERS)
      throw new Problem(400, {
        code: 'token_too_large',
        message: `The issuer’s token has ${token.length} characters; a cookie takes ${COOKIE_CHARACTERS}.`,
        hint: 'Let the issuer put fewer claims into it: fewer groups above all, or fewer scopes in hub.oidc.scopes.',
      });
    const session = await users.sessionCookie(token, raw);
    if (session === null)
      throw new Problem(401, {
        code: 'bad_token',
        message: 'The issuer’s token does not hold: its signature, its audience or its time.',
        hint: 'Sign in again in a minute: the issuer may have taken new keys just now. If it stays so: does it sign ID tokens by a public key (RS256, ES256; not HS256), and are the clocks of the issuer and of the cluster right?',
      });
    const begunNoMore = setSignIn(raw, '', { seconds: 0, secure: issuer.secure(raw) });
    return await reply
      .header('set-cookie', [session, begunNoMore])
      .redirect(ownAddress(begun.to, issuer.url));
  });
}

function waitingIn(cookie: string | null): (Begun & { to: string }) | null {
  try {
    return Waiting.parse(JSON.parse(Buffer.from(cookie ?? '', 'base64url').toString()));
  } catch {
    return null;
  }
}

/** Whole, with the hub's own origin: what is left of it may begin with two slashes. */
function ownAddress(to: string, url: URL): string {
  const address = URL.canParse(to, url) ? new URL(to, url) : url;
  // Its origin alone says too little: `blob:` addresses have that of what they were made by.
  return address.href.startsWith(`${url.origin}/`) ? address.href : url.href;
}

function problemPage(message: string, hint: string): string {
  const shown = (text: string) => text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<link rel="stylesheet" href="/notice.css">
<title>Not signed in · kubeshark</title>
<h1>Not signed in</h1>
<p>${shown(message)}</p>
<p>${shown(hint)}</p>
<p><a href="/">To the page</a></p>
`;
}
