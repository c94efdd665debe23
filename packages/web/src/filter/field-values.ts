/** Values of fields as they occur in the traffic, for completion: asked for once while somebody types. */
import { fetchFieldValues, type Range } from '../connection/api.ts';

export interface FieldValue {
  readonly value: string;
  readonly count: number;
}

/** The commonest values of a field that begin with `prefix`, among the rows of `filter` in a range; null when they cannot be had. */
export type LoadValues = (
  field: string,
  filter: string,
  range: Range,
  prefix: string,
  signal: AbortSignal,
) => Promise<readonly FieldValue[] | null>;

/** Rows of the completion list. */
const VALUES = 30;
/** An answer is as good as new for so long, ms. */
const FRESH = 10_000;
/** Answers remembered. Policy: the oldest leaves. */
const REMEMBERED = 50;

export class FieldValueCache {
  private readonly answers = new Map<string, { values: readonly FieldValue[]; until: number }>();

  readonly load: LoadValues = async (field, filter, range, prefix, signal) => {
    const key = JSON.stringify([field, filter, range, prefix]);
    const known = this.answers.get(key);
    if (known && known.until > Date.now()) return known.values;
    try {
      const { values } = await fetchFieldValues(field, filter, range, prefix, VALUES, signal);
      this.answers.delete(key);
      this.answers.set(key, { values, until: Date.now() + FRESH });
      if (this.answers.size > REMEMBERED) this.answers.delete(this.answers.keys().next().value!);
      return values;
    } catch {
      // Without the hub there is still everything the language itself knows.
      return null;
    }
  };
}
