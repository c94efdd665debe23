/** The hub's REST API, same origin. Every failure is an `ApiProblem`, also when no answer came at all. */
import type { ApiError, Entry, FieldValues, Histogram, HubStatus } from '@kubeshark/model';

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

/** A stretch of time, µs since the epoch; open where left out. */
export interface Range {
  from?: number;
  to?: number;
}

export function fetchHistogram(
  filter: string,
  range: Range,
  buckets: number,
  signal: AbortSignal,
): Promise<Histogram> {
  return request(`/histogram${query({ filter, from: range.from, to: range.to, buckets })}`, { signal });
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
  return request('/session', {
    method: 'POST',
    // The header makes the browser ask first when another site tries this.
    headers: { 'content-type': 'application/json', 'x-kubeshark': '1' },
    body: JSON.stringify({ token }),
  });
}
