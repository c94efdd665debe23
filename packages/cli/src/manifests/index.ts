export type { KubernetesObject } from './objects.ts';
export { namespaceObject, objects } from './objects.ts';
export { mergeValues, overlayValues } from './set-values.ts';
export { defaultValues, Values } from './values.ts';
