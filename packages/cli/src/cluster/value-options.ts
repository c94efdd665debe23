/** Options that stand for values of an installation. */
import type { Values } from '../manifests/index.ts';
import { defaultValues, mergeValues } from '../manifests/index.ts';

export interface ValueOptions {
  imageRegistry?: string;
  imageTag?: string;
  imagePullPolicy?: string;
  storageSize?: string;
  storageClass?: string;
  set: readonly string[];
}

/** Throws `UserError` for what is no value. */
export function valuesFrom(options: ValueOptions, defaults: Values = defaultValues): Values {
  const { imageRegistry, imageTag, imagePullPolicy, storageSize, storageClass, set } = options;
  let values = defaults;
  for (const [option, key, value] of [
    ['--image-registry', 'image.registry', imageRegistry],
    ['--image-tag', 'image.tag', imageTag],
    ['--image-pull-policy', 'image.pullPolicy', imagePullPolicy],
    ['--storage-size', 'hub.storage.size', storageSize],
    ['--storage-class', 'hub.storage.class', storageClass],
  ] as const)
    if (value !== undefined) values = mergeValues(values, [`${key}=${value}`], `${option} ${value}`);
  return mergeValues(values, set);
}
