// Options that stand for values: each in its place, and a mistake named by the option that was typed.
import { expect, test } from 'vitest';
import { valuesFrom } from './value-options.ts';

test('each option is its value, and --set has the last word', () => {
  const options = { imageRegistry: 'r.example.org/a', imageTag: '1.10', storageClass: 'fast' };
  const values = valuesFrom({ ...options, storageSize: '20Gi', set: ['image.tag=2'] });
  expect(values.image).toMatchObject({ registry: 'r.example.org/a', tag: '2' });
  expect(values.hub.storage).toEqual({ size: '20Gi', class: 'fast' });
});

test.each(['', '1Gi', '512Mi', '1.5T', '20000000000', '1E'])('a volume of %j', (size) => {
  expect(valuesFrom({ storageSize: size, set: [] }).hub.storage.size).toBe(size);
});

test.each(['5X', '20GB', '0', '0Gi', '-1Gi', '1 Gi', '1K', 'much'])('no volume is of %j', (size) => {
  const refused = expect.objectContaining({ exitCode: 2 });
  const deploy = () => valuesFrom({ storageSize: size, set: [] });
  expect(deploy).toThrow(`--storage-size ${size}: hub.storage.size: is no size such as 20Gi`);
  expect(deploy).toThrow(refused);
});
