/** The traffic of one pod, as a filter. */
import { equals } from '../details/expressions.ts';

/** `ambiguous`: pods of other namespaces have the same name. */
export function podFilter(
  { name, namespace }: { name: string; namespace: string },
  ambiguous: boolean,
): string {
  const end = (which: 'src' | 'dst') =>
    ambiguous
      ? `(${equals(`${which}.pod.name`, name)} && ${equals(`${which}.namespace`, namespace)})`
      : equals(`${which}.pod.name`, name);
  return `${end('src')} || ${end('dst')}`;
}
