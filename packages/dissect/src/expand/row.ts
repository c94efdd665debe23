/** A row as filters and lists read it, over the bytes of a record. */
import type { FieldName, Identity, RowView } from '@kubeshark/model';
import { FieldNumber, LIMITS, RecordView } from '@kubeshark/model';
import type { ExpandedSide, Expander } from '../protocol.ts';
import { answerData, questionNames, questionTypes } from '../protocols/dns/expand.ts';
import { bodyText, charsetOf } from './body-text.ts';
import { expandCaps } from './caps.ts';
import type { HttpAddress } from './http-address.ts';
import { headerMap, httpAddress, queryParameters } from './http-address.ts';
import { expanderOf } from './registry.ts';

/** What is known of a row beside its record. */
export interface RowContextView {
  readonly worker: string;
  readonly interface: string;
  /** µs to be added to the record's timestamp. */
  readonly clockOffset: number;
  readonly src: Identity;
  readonly dst: Identity;
  readonly legs?: LegsView | undefined;
}

/** The other legs of a call through sidecars: for each the namespaces that it was captured in, joined by commas. */
export interface LegsView {
  readonly call: string;
  /** Those that this one lies within, the outermost first. */
  readonly outer: readonly string[];
  readonly inner: readonly string[];
}

/** Of a row that nobody has joined with identities yet: in the worker, in tests. */
export const NO_CONTEXT: RowContextView = { worker: '', interface: '', clockOffset: 0, src: {}, dst: {} };

const TCP = 6;
const UDP = 17;
const ICMP = 1;
const ICMPV6 = 58;

const EMPTY_MAP: ReadonlyMap<string, string> = new Map();
const EMPTY_LIST: readonly string[] = [];

/**
 * One cursor for many rows. What is read of a row is expanded on first use and kept until the cursor moves; moving costs
 * no more than a few assignments, so that a filter on a column of the head looks at nothing else.
 */
export class RecordRow implements RowView {
  readonly record = new RecordView();
  context: RowContextView = NO_CONTEXT;
  boot = '';
  private expander: Expander = expanderOf(0);
  private requestCache: ExpandedSide | null | undefined;
  private responseCache: ExpandedSide | null | undefined;
  private addressCache: HttpAddress | undefined;
  /** Values of fields that were computed, by number; `touched` spares clearing it. */
  private readonly texts: (string | undefined)[] = [];
  private readonly maps: (ReadonlyMap<string, string> | undefined)[] = [];
  private readonly lists: (readonly string[] | undefined)[] = [];
  private touched = false;

  /** Stands on the record that begins at `offset`. `boot`: of the worker that wrote it, for ids. */
  at(bytes: Buffer, offset: number, boot: string, context: RowContextView = NO_CONTEXT): this {
    this.record.at(bytes, offset);
    this.expander = expanderOf(this.record.protocolNumber);
    this.boot = boot;
    this.context = context;
    if (this.touched) this.forget();
    return this;
  }

  text(field: number): string {
    const plain = PLAIN[field];
    if (plain !== undefined) return plain(this);
    const known = this.texts[field];
    if (known !== undefined) return known;
    const value = TEXT[field]?.(this) ?? '';
    this.touched = true;
    this.texts[field] = value;
    return value;
  }

  number(field: number): number {
    const value = NUMBER[field]?.(this) ?? 0;
    // Heads come from outside: a fraction, 1e300 or NaN must not reach an integer column.
    return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Math.trunc(value) || 0));
  }

  flag(field: number): boolean {
    return FLAG[field]?.(this) ?? false;
  }

  list(field: number): readonly string[] {
    const known = this.lists[field];
    if (known !== undefined) return known;
    const value = LIST[field]?.(this) ?? EMPTY_LIST;
    this.touched = true;
    this.lists[field] = value;
    return value;
  }

  entry(field: number, key: string): string {
    return this.map(field).get(isHeaders(field) ? key.toLowerCase() : key) ?? '';
  }

  has(field: number, key: string): boolean {
    return this.map(field).has(isHeaders(field) ? key.toLowerCase() : key);
  }

  keys(field: number): readonly string[] {
    return [...this.map(field).keys()];
  }

  /** All of a map, keys as in `keys`. */
  map(field: number): ReadonlyMap<string, string> {
    const known = this.maps[field];
    if (known !== undefined) return known;
    const value = MAP[field]?.(this) ?? EMPTY_MAP;
    this.touched = true;
    this.maps[field] = value;
    return value;
  }

  /** null when that side was not seen. */
  get request(): ExpandedSide | null {
    if (this.requestCache === undefined) {
      this.touched = true;
      this.requestCache = this.expander.request(this.record);
    }
    return this.requestCache;
  }

  get response(): ExpandedSide | null {
    if (this.responseCache === undefined) {
      this.touched = true;
      this.responseCache = this.expander.response(this.record);
    }
    return this.responseCache;
  }

  get protocolView(): Expander {
    return this.expander;
  }

  /** null when the row is no HTTP request. */
  get address(): HttpAddress | null {
    if (this.record.protocol !== 'http' || this.record.kind === 'flow') return null;
    if (this.addressCache === undefined) {
      this.touched = true;
      this.addressCache = httpAddress(
        this.text(FieldNumber.operation),
        this.text(FieldNumber.target),
        this.entry(FieldNumber['request.headers'], 'host'),
      );
    }
    return this.addressCache;
  }

  private forget(): void {
    this.texts.fill(undefined);
    this.maps.fill(undefined);
    this.lists.fill(undefined);
    this.requestCache = this.responseCache = undefined;
    this.addressCache = undefined;
    this.touched = false;
  }
}

function isHeaders(field: number): boolean {
  return field === FieldNumber['request.headers'] || field === FieldNumber['response.headers'];
}

function searchText(side: ExpandedSide | null): string {
  if (side === null || side.body === null) return '';
  if (side.body.bytes.length > LIMITS.searchTextBytes) expandCaps.cap_searchTextBytes++;
  return bodyText(side.body, charsetOf(side.headers), LIMITS.searchTextBytes) ?? '';
}

function labelsOf({ labels }: Identity): ReadonlyMap<string, string> {
  return labels === undefined ? EMPTY_MAP : new Map(Object.entries(labels));
}

/** Getters by field number, out of a table by name. */
function byNumber<T>(table: Partial<Record<FieldName, (row: RecordRow) => T>>): ((row: RecordRow) => T)[] {
  const getters: ((row: RecordRow) => T)[] = [];
  for (const [name, getter] of Object.entries(table)) getters[FieldNumber[name as FieldName]] = getter;
  return getters;
}

/** Texts that are there already: keeping them would cost more than asking again. */
const PLAIN = byNumber<string>({
  kind: (row) => row.record.kind,
  state: (row) => row.record.state,
  protocol: (row) => row.record.protocol,
  outcome: (row) => row.record.outcome,
  'src.name': (row) => row.context.src.name ?? '',
  'src.namespace': (row) => row.context.src.namespace ?? '',
  'src.pod.name': (row) => row.context.src.pod ?? '',
  'src.service.name': (row) => row.context.src.service ?? '',
  'src.workload.name': (row) => row.context.src.workload ?? '',
  'src.workload.kind': (row) => row.context.src.workloadKind ?? '',
  'src.node.name': (row) => row.context.src.node ?? '',
  'dst.name': (row) => row.context.dst.name ?? '',
  'dst.namespace': (row) => row.context.dst.namespace ?? '',
  'dst.pod.name': (row) => row.context.dst.pod ?? '',
  'dst.service.name': (row) => row.context.dst.service ?? '',
  'dst.workload.name': (row) => row.context.dst.workload ?? '',
  'dst.workload.kind': (row) => row.context.dst.workloadKind ?? '',
  'dst.node.name': (row) => row.context.dst.node ?? '',
  worker: (row) => row.context.worker,
  interface: (row) => row.context.interface,
  call: (row) => row.context.legs?.call ?? '',
});

const TEXT = byNumber<string>({
  id: (row) => row.record.id(row.boot),
  version: (row) => row.protocolView.version(row.record),
  operation: (row) => row.protocolView.operation(row.record),
  target: (row) => row.protocolView.target(row.record),
  status: (row) => row.protocolView.status(row.record),
  'src.ip': (row) => row.record.srcIp,
  'dst.ip': (row) => row.record.dstIp,
  'request.body': (row) => searchText(row.request),
  'response.body': (row) => searchText(row.response),
  url: (row) => row.address?.url ?? '',
  host: (row) => row.address?.host ?? '',
  path: (row) => row.address?.path ?? '',
  flow: (row) => `${row.boot}.${row.record.flow.toString(36)}`,
});

const NUMBER = byNumber<number>({
  timestamp: (row) => row.record.timestamp + row.context.clockOffset,
  elapsed: (row) => Math.max(0, row.record.elapsed),
  elapsed_time: (row) => Math.max(0, row.record.elapsed),
  status_code: (row) => row.protocolView.statusCode(row.record),
  'src.port': (row) => row.record.srcPort,
  'dst.port': (row) => row.record.dstPort,
  'request.size': (row) => row.record.requestSize,
  'request.bodySize': (row) => row.record.requestBodySize,
  'response.size': (row) => row.record.responseSize,
  'response.bodySize': (row) => row.record.responseBodySize,
  index: (row) => row.record.index,
  legs: (row) => (row.record.kind === 'call' ? 1 + (row.context.legs?.inner.length ?? 0) : 0),
  'capture.missing': (row) => row.record.missing,
});

const FLAG = byNumber<boolean>({
  http: (row) => row.record.protocol === 'http',
  dns: (row) => row.record.protocol === 'dns',
  tcp: (row) => row.record.transport === TCP,
  udp: (row) => row.record.transport === UDP,
  icmp: (row) => row.record.transport === ICMP || row.record.transport === ICMPV6,
  is_flow: (row) => row.record.kind === 'flow',
  is_leg: (row) => (row.context.legs?.outer.length ?? 0) > 0,
});

const MAP = byNumber<ReadonlyMap<string, string>>({
  'request.headers': (row) => headerMap(row.request?.headers ?? []),
  'response.headers': (row) => headerMap(row.response?.headers ?? []),
  'src.labels': (row) => labelsOf(row.context.src),
  'dst.labels': (row) => labelsOf(row.context.dst),
  query: (row) => queryParameters(row.address?.query ?? ''),
});

const LIST = byNumber<readonly string[]>({
  dns_questions: (row) => (row.record.protocol === 'dns' ? questionNames(row.record) : EMPTY_LIST),
  dns_question_types: (row) => (row.record.protocol === 'dns' ? questionTypes(row.record) : EMPTY_LIST),
  dns_answers: (row) => (row.record.protocol === 'dns' ? answerData(row.record) : EMPTY_LIST),
});
