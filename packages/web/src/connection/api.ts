/** The hub's REST API, same origin. Every failure is an `ApiProblem`, also when no answer came at all. */
import type {
  ApiError,
  Coverage,
  Entry,
  FieldValues,
  Histogram,
  HubStatus,
  ListRow,
  Page,
  TargetRule,
  Targets,
  User,
} from '@kubeshark/model';

// Not imported as values: api.ts of the model carries the schemas, which the page has no use for.
const API = '/api/v1';

/** What the hub said, or why it could not be asked. `status` is the HTTP status, 0 without an answer. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  readonly status: number;
  readonly error: ApiError;

  constructor(status: number, error: ApiError) {
    super(error.message);
    this.status = status;
    this.error = error;
  }
}

async function request<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(API + path, { credentials: 'same-origin', ...init });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiProblem(0, { code: 'no_answer', message: 'The hub does not answer.' });
  }
  if (response.ok) return (response.status === 204 ? undefined : await response.json()) as T;
  throw new ApiProblem(response.status, await errorOf(response));
}

async function errorOf(response: Response): Promise<ApiError> {
  try {
    const body = (await response.json()) as { error?: ApiError };
    if (body.error?.message) return body.error;
  } catch {
    // Something between page and hub answered in its own way: the status says what it can.
  }
  return { code: 'http', message: `The hub answered ${response.status} ${response.statusText}.` };
}

function query(values: Record<string, string | number | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== undefined) search.set(name, String(value));
  return `?${search}`;
}

/** The whole entry, with headers and bodies. `not_found` when it is no longer kept. */
export function fetchEntry(id: string, signal: AbortSignal): Promise<Entry> {
  return request(`/entries/${encodeURIComponent(id)}`, { signal });
}

/** Most legs that are shown of one call. */
const LEGS = 50;

/** Those of one call that this viewer may see, from the outermost to the innermost. */
export async function fetchLegs(call: string, signal: AbortSignal): Promise<ListRow[]> {
  const filter = `call == ${JSON.stringify(call)}`;
  const { rows } = await request<Page>(`/entries${query({ filter, limit: LEGS })}`, { signal });
  const depth = ({ legs }: ListRow) => legs?.outer ?? 0;
  return rows.toSorted((a, b) => depth(a) - depth(b) || a.timestamp - b.timestamp);
}

/** A stretch of time, µs since the epoch; open where left out. */
export interface Range {
  from?: number;
  to?: number;
}

/** Which rows: those of the list that has this filter, this range and these flows. */
export interface Rows {
  filter: string;
  range: Range;
  /** Also flows in which calls were recognised. */
  flows: boolean;
}

const rowsQuery = (
  { filter, range: { from, to }, flows }: Rows,
  more: Record<string, string | number> = {},
) => query({ filter, from, to, flows: flows ? 'true' : undefined, ...more });

export function fetchHistogram(rows: Rows, buckets: number, signal: AbortSignal): Promise<Histogram> {
  return request(`/histogram${rowsQuery(rows, { buckets })}`, { signal });
}

/** How many rows match, of how many. */
export function fetchCount(rows: Rows, signal: AbortSignal): Promise<{ matched: number; total: number }> {
  return request(`/count${rowsQuery(rows)}`, { signal });
}

/** The commonest values of a field among the rows of `filter` in a range, with counts. */
export function fetchFieldValues(
  field: string,
  filter: string,
  range: Range,
  prefix: string,
  limit: number,
  signal: AbortSignal,
): Promise<FieldValues> {
  return request(
    `/fields/${encodeURIComponent(field)}/values${query({ filter, from: range.from, to: range.to, prefix, limit })}`,
    {
      signal,
    },
  );
}

export function fetchStatus(signal: AbortSignal): Promise<HubStatus> {
  return request('/status', { signal });
}

/** Exchanges the token of the terminal for a cookie that scripts cannot read. */
export function openSession(token: string): Promise<void> {
  return send('POST', '/session', { token });
}

/** Takes the cookie away. */
export function closeSession(): Promise<void> {
  return request('/session', { method: 'DELETE', headers: { 'x-kubeshark': '1' } });
}

export function fetchCoverage(signal: AbortSignal): Promise<Coverage> {
  return request('/coverage', { signal });
}

export function fetchUser(signal: AbortSignal): Promise<User> {
  return request('/user', { signal });
}

export function fetchTargets(signal: AbortSignal): Promise<Targets> {
  return request('/targets', { signal });
}

/** What a rule would select. `bad_pods`, `bad_selector` when it says nothing. */
export function previewTargets(rule: TargetRule, signal: AbortSignal): Promise<Targets> {
  return send('POST', '/targets/preview', rule, signal);
}

export function putTargets(rule: TargetRule): Promise<Targets> {
  return send('PUT', '/targets', rule);
}

function send<T>(method: 'POST' | 'PUT', path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return request(path, {
    method,
    // The header makes the browser ask first when another site tries this.
    headers: { 'content-type': 'application/json', 'x-kubeshark': '1' },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });
}
