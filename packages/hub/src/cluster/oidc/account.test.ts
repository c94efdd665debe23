// Names are those that the API server gives: https://kubernetes.io/docs/reference/access-authn-authz/authentication/ (--oidc-…).
import { expect, test } from 'vitest';
import { accountOf } from './account.ts';

const SETTINGS = {
  issuer: 'https://id.example.org',
  clientId: 'kubeshark',
  clientSecretFile: null,
  url: 'https://kubeshark.example.org',
  usernameClaim: 'sub',
  usernamePrefix: '',
  groupsClaim: 'groups',
  groupsPrefix: '',
  scopes: [],
};
const CLAIMS = { sub: '17', email: 'jane@example.org', groups: ['dev', 'ops'] };

test.each([
  ['the issuer before the subject', {}, 'https://id.example.org#17'],
  ['an e-mail address alone', { usernameClaim: 'email' }, 'jane@example.org'],
  ['a prefix of one’s own', { usernameClaim: 'email', usernamePrefix: 'oidc:' }, 'oidc:jane@example.org'],
  ['no prefix', { usernamePrefix: '-' }, '17'],
])('%s', (_what, changed, name) => {
  expect(accountOf(CLAIMS, { ...SETTINGS, ...changed }).name).toBe(name);
});

test.each([
  ['a list', CLAIMS, {}, ['dev', 'ops']],
  ['a text', { ...CLAIMS, groups: 'dev' }, {}, ['dev']],
  ['none in the token', { sub: '17' }, {}, []],
  ['none asked for', CLAIMS, { groupsClaim: '' }, []],
  ['with a prefix', CLAIMS, { groupsPrefix: 'oidc:' }, ['oidc:dev', 'oidc:ops']],
  ['none of Kubernetes itself', { ...CLAIMS, groups: ['system:masters', 'dev'] }, {}, ['dev']],
])('groups: %s; and that of all who are known', (_what, claims, changed, groups) => {
  expect(accountOf(claims, { ...SETTINGS, ...changed }).groups).toEqual([...groups, 'system:authenticated']);
});

test.each([
  [{ groups: [] }, {}, 'has no text in the claim sub'],
  [{ sub: '' }, {}, 'has no text in the claim sub'],
  [{ sub: ['17'] as unknown as string }, {}, 'has no text in the claim sub'],
  [{ ...CLAIMS, email_verified: false }, { usernameClaim: 'email' }, 'not verified'],
  [{ ...CLAIMS, email_verified: 'true' }, { usernameClaim: 'email' }, 'not verified'],
  [{ ...CLAIMS, groups: [{ name: 'dev' }] }, {}, 'has no list of texts in the claim groups'],
  [{ sub: 'system:admin' }, { usernamePrefix: '-' }, 'a name of Kubernetes'],
])('%j: nobody, with words', (claims, changed, words) => {
  expect(() => accountOf(claims, { ...SETTINGS, ...changed })).toThrow(words);
});

test('who has an e-mail address that is not verified reads what to do, not how claims are set', () => {
  const claims = { ...CLAIMS, email_verified: false };
  expect(() => accountOf(claims, { ...SETTINGS, usernameClaim: 'email' })).toThrow(
    expect.objectContaining({
      error: expect.objectContaining({ hint: expect.stringContaining('Confirm it there') }),
    }),
  );
});
