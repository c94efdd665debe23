/**
 * What a viewer may see. A required argument of everything that gives rows, counts or names away.
 * A row is visible when the namespace of a captured end is in it; of the other end such a viewer sees address, port and service only.
 */
export type Access =
  | { readonly all: true }
  | { readonly all: false; readonly namespaces: ReadonlySet<string> };

/** One's own machine. */
export const ACCESS_ALL: Access = { all: true };

export function accessTo(...namespaces: string[]): Access {
  return { all: false, namespaces: new Set(namespaces) };
}

/** `captured`: namespaces of the ends at which the row was captured; none when its identity is not known (yet). */
export function mayRead(access: Access, captured: readonly string[]): boolean {
  return access.all || captured.some((namespace) => access.namespaces.has(namespace));
}
