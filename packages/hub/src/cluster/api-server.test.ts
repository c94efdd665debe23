// What an answer of failure says is known by who says it: the API server, or something in between.
import { expect, test } from 'vitest';
import { saidIn } from './api-server.ts';

test.each([
  ['{"kind":"Status","message":"pods is forbidden"}', { own: true, message: 'pods is forbidden' }],
  [
    { kind: 'Status', message: 'pods is forbidden' },
    { own: true, message: 'pods is forbidden' },
  ],
  ['{"message":"no upstream"}', { own: false, message: 'no upstream' }],
  ['{"kind":"Status","message":""}', null],
  ['{"kind":"Status","code":500}', null],
  ['<html>Bad gateway</html>', null],
  ['null', null],
  ['', null],
])('%j', (body, said) => {
  expect(saidIn(body)).toEqual(said);
});
