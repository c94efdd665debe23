// Before anything is changed each missing right is named, also to somebody who may not look into the namespace of the installation.
import { ApiException } from '@kubernetes/client-node';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FakeApi } from '../../../hub/src/cluster/testing-api.ts';
import { defaultValues, mergeValues } from '../manifests/index.ts';
import type { Installation } from './installation.ts';
import { permitted } from './permitted.ts';

let api: FakeApi;
beforeEach(async () => {
  api = await FakeApi.start();
});
afterEach(() => api.down());

test('who has rights in shop alone is told which are missing in tools', async () => {
  const installation = {
    read: async () => {
      throw new ApiException(403, 'Forbidden', { message: 'configmaps is forbidden' }, {});
    },
  } as unknown as Installation;
  const values = mergeValues(defaultValues, ['targets.namespaces=[shop]']);
  const refused = permitted(api.kubeConfig, installation, values, 'tools', false);
  await expect(refused).rejects.toThrow(
    /^you may not install kubeshark into namespace tools\. Missing rights:\n.*create serviceaccounts in namespace tools/,
  );
});
