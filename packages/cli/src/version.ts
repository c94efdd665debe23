import { readFileSync } from 'node:fs';

/** Version of the product: that of the root package. */
export const VERSION = (
  JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }
).version;

/** Where nodes find the images: built from the sources they are loaded into them. A release names its registry here. */
export const IMAGE_REGISTRY: string = 'localhost';
