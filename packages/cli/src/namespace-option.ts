/** Options that name a namespace, or what is in one: what can be none is refused before a cluster is asked. */
import { InvalidArgumentError } from 'commander';

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

const SUBDOMAIN = /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/;

export function namespaceName(given: string): string {
  if (LABEL.test(given)) return given;
  throw new InvalidArgumentError(
    'Names of namespaces are of a-z, 0-9 and -, with a letter or digit at both ends, and have 63 at most.',
  );
}

/** The option may be given more than once. */
export function namespaceNames(given: string, before: readonly string[] = []): string[] {
  return [...before, namespaceName(given)];
}

/** `NAMESPACE/NAME` of a ServiceAccount. */
export function accountName(given: string): string {
  const [namespace = '', name = '', more] = given.split('/');
  if (LABEL.test(namespace) && SUBDOMAIN.test(name) && more === undefined) return given;
  throw new InvalidArgumentError('NAMESPACE/NAME is asked for, e.g. shop/developer.');
}
