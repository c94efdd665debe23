/** Capture filters to programs that the kernel runs on each packet. */
import { parseAddress, wholeAddress } from './addresses.ts';
import { CaptureFilterError } from './capture-filter-error.ts';
import { Generator } from './generate.ts';
import type { FilterNode } from './node.ts';
import { PROTOCOL_NUMBERS } from './node.ts';
import { parseCaptureFilter } from './parse.ts';
import { BackwardProgram, MOST_INSTRUCTIONS } from './program.ts';

export interface CompiledCaptureFilter {
  readonly text: string;
  /** null takes everything. */
  readonly node: FilterNode | null;
}

export interface Endpoint {
  /** An IP address, no name. */
  address: string;
  port: number;
}

/**
 * Checks it, its size too; the program itself is made for each interface, as link types differ. A text without words
 * takes everything. Throws `CaptureFilterError`.
 */
export function compileCaptureFilter(text: string): CompiledCaptureFilter {
  const filter = { text, node: parseCaptureFilter(text) };
  captureProgram(filter, [], 1);
  return filter;
}

/** Array of struct sock_filter for packets of a link type (LINKTYPE_ number: 1, 101, 113, 276); null when it takes everything. */
export function captureProgram(
  filter: CompiledCaptureFilter | null,
  exclude: readonly Endpoint[],
  linkType: number,
): Buffer | null {
  const parts = exclude.map(without);
  if (filter?.node) parts.push(filter.node);
  if (parts.length === 0) return null;
  const program = new BackwardProgram();
  const all: FilterNode = { kind: 'and', of: parts };
  new Generator(program, linkType).node(all, program.accept, program.reject);
  if (program.length > MOST_INSTRUCTIONS)
    throw new CaptureFilterError(
      `the filter needs ${program.length} instructions, the kernel takes ${MOST_INSTRUCTIONS}: use networks and port ranges`,
      0,
      filter?.text.length ?? 0,
    );
  return program.bytes();
}

/** Everything but TCP with this end. */
function without({ address, port }: Endpoint): FilterNode {
  const bytes = parseAddress(address);
  if (!bytes) throw new RangeError(`no IP address: ${address}`);
  const carrier = bytes.length === 16 ? 'ip6' : 'ip';
  const protocols = [PROTOCOL_NUMBERS['tcp']!];
  const ends = (['src', 'dst'] as const).map(
    (direction): FilterNode => ({
      kind: 'and',
      of: [
        { kind: 'host', carrier, direction, network: wholeAddress(bytes) },
        { kind: 'port', protocols, direction, from: port, to: port },
      ],
    }),
  );
  return { kind: 'not', of: { kind: 'or', of: ends } };
}
