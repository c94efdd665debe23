/** Who an ID token speaks of, named as the API server names them. */
import type { JWTPayload } from 'jose';
import { Problem } from '../../api/problem.ts';
import type { Account } from '../review.ts';
import type { OidcSettings } from '../settings.ts';

/** Names that Kubernetes keeps for itself: no issuer gives them away. */
const RESERVED = 'system:';
/** The API server gives it to everybody whom it knows. */
const AUTHENTICATED = 'system:authenticated';

/** Throws `Problem` 403 with what is wrong with the claims. */
export function accountOf(claims: JWTPayload, settings: OidcSettings): Account {
  const name = usernamePrefix(settings) + username(claims, settings.usernameClaim);
  if (name.startsWith(RESERVED)) throw unusable(`names the user ${name}, which is a name of Kubernetes`);
  const groups = groupsIn(claims, settings.groupsClaim)
    .map((group) => settings.groupsPrefix + group)
    .filter((group) => !group.startsWith(RESERVED));
  return { name, uid: '', groups: [...groups, AUTHENTICATED], extra: {} };
}

function username(claims: JWTPayload, claim: string): string {
  const name = claims[claim];
  if (typeof name !== 'string' || name === '') throw unusable(`has no text in the claim ${claim}`);
  if (claim === 'email' && (claims['email_verified'] ?? true) !== true)
    throw unusable(
      'says that the e-mail address is not verified',
      'Confirm it there, then sign in again; or ask whoever runs the issuer.',
    );
  return name;
}

function usernamePrefix({ usernamePrefix: prefix, usernameClaim, issuer }: OidcSettings): string {
  if (prefix === '-') return '';
  if (prefix !== '') return prefix;
  return usernameClaim === 'email' ? '' : `${issuer}#`;
}

/** One group may stand as a text. */
function groupsIn(claims: JWTPayload, claim: string): string[] {
  const groups = claim === '' ? [] : (claims[claim] ?? []);
  const list: unknown[] = Array.isArray(groups) ? groups : [groups];
  if (!list.every((group) => typeof group === 'string'))
    throw unusable(`has no list of texts in the claim ${claim}`);
  return list;
}

function unusable(
  what: string,
  hint = 'Whoever runs kubeshark: claims and scopes are set in the values hub.oidc; the issuer puts them into its tokens.',
): Problem {
  return new Problem(403, {
    code: 'bad_claims',
    message: `The issuer’s token ${what}.`,
    hint,
  });
}
