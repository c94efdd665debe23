// What a worker leaves out of its capture: the connections of its hub, under every address that the hub's name means.
import { expect, test } from 'vitest';
import { hubEnds } from './hub-ends.ts';

test.each([
  ['http://localhost:8899', ['127.0.0.1', '::1'], 8899],
  ['http://127.0.0.1:8899', ['127.0.0.1'], 8899],
  ['http://[::1]:9000', ['::1'], 9000],
  ['http://192.0.2.1', ['192.0.2.1'], 80],
  ['https://192.0.2.1', ['192.0.2.1'], 443],
  ['http://nobody.invalid:8899', [], 8899],
])('%s', async (hub, addresses, port) => {
  expect(await hubEnds(hub)).toEqual(addresses.map((address) => ({ address, port })));
});
