/**
 * How often each cap of expanding has bitten in this thread. Expanding is a pure function of a record but for these
 * counts: it has nobody to tell them to.
 */
import type { Cap } from '../protocol.ts';

export const expandCaps = {
  cap_searchTextBytes: 0,
  cap_decodedBodyBytes: 0,
  cap_headers: 0,
  cap_dnsPointers: 0,
  cap_dnsRecords: 0,
} satisfies Partial<Record<Cap, number>>;
