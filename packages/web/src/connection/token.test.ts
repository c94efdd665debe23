import { expect, it } from 'vitest';
import { takeToken } from './token.ts';

it('takes the token and leaves the rest of the fragment', () => {
  expect(takeToken('#token=ab%2Bc')).toEqual({ token: 'ab+c', rest: '' });
  expect(takeToken('#x=1&token=abc&y=2')).toEqual({ token: 'abc', rest: '#x=1&y=2' });
});

it('finds none where there is none', () => {
  expect(takeToken('')).toBeNull();
  expect(takeToken('#token=')).toBeNull();
  expect(takeToken('#mytoken=x')).toBeNull();
});

it('takes a token that is no valid escape as it is', () => {
  expect(takeToken('#token=%zz')).toEqual({ token: '%zz', rest: '' });
});
