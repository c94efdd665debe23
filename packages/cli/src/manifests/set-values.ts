/** `--set hub.storage.size=20Gi`: values changed one by one or from a file, with errors that name the key. */
import { parse } from 'yaml';
import { z } from 'zod';
import { UserError } from '../user-error.ts';
import { Values } from './values.ts';

/** `sets`: `KEY=VALUE`; the value as YAML (`[a, b]`, `{disk: ssd}`), as it stands where a text is asked for. `origin` is said in errors. */
export function mergeValues(base: Values, sets: readonly string[], origin = '--set'): Values {
  let values: unknown = base;
  for (const set of sets) {
    const [, path, value] = /^([^=\s]+)=(.*)$/s.exec(set) ?? [];
    if (path === undefined || value === undefined)
      throw new UserError(`--set ${set}: KEY=VALUE is asked for, as in --set hub.storage.size=20Gi`, 2);
    const keys = path.split('.');
    const schema = schemaOf(keys, `--set ${set}`);
    const parsed = isText(schema) ? value : yamlOf(value, `--set ${set}`);
    values = overlaid(
      values,
      keys.reduceRight((inner: unknown, key) => ({ [key]: inner }), parsed),
    );
  }
  return checked(values, origin);
}

/** As a values file has them. `origin` is said in errors. */
export function overlayValues(base: Values, changes: unknown, origin: string): Values {
  return checked(overlaid(base, changes ?? {}), origin);
}

/** Objects are merged, lists replaced, null takes away: as Helm does it. */
function overlaid(base: unknown, changes: unknown): unknown {
  if (!isObject(base) || !isObject(changes)) return changes;
  const merged: Record<string, unknown> = { ...base };
  for (const [key, change] of Object.entries(changes)) {
    if (change === null) delete merged[key];
    else merged[key] = overlaid(merged[key], change);
  }
  return merged;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function checked(values: unknown, origin: string): Values {
  const result = Values.safeParse(values);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    const key = issue.path.join('.');
    return `${key || 'values'}: ${issue.message}${partsOf(issue, origin)}`;
  });
  throw new UserError(`${origin}: ${problems.join('\n')}`, 2);
}

/** Where something else stands for what has parts: which ones. */
function partsOf({ code, path, ...issue }: z.core.$ZodIssue, origin: string): string {
  if (code !== 'invalid_type' || !('expected' in issue) || issue.expected !== 'object') return '';
  const schema = schemaOf(path.map(String), origin);
  if (!(schema instanceof z.ZodObject)) return '';
  const parts = Object.keys(schema.shape).map((part) => [...path, part].join('.'));
  return `. It has parts; give one of them: ${parts.join(', ')}`;
}

function schemaOf(keys: readonly string[], origin: string): z.core.$ZodType {
  let schema: z.core.$ZodType = Values;
  keys.forEach((key, depth) => {
    const path = keys.slice(0, depth).join('.');
    if (schema instanceof z.ZodRecord) schema = schema.valueType;
    else if (schema instanceof z.ZodObject) {
      const members = schema.shape as Record<string, z.core.$ZodType>;
      if (!Object.hasOwn(members, key))
        throw new UserError(
          `${origin}: there is no ${keys.slice(0, depth + 1).join('.')}. ${path === '' ? 'There are' : `${path} has`}: ${Object.keys(members).join(', ')}`,
          2,
        );
      schema = members[key]!;
      if (schema instanceof z.ZodDefault) schema = schema.unwrap();
    } else if (!(schema instanceof z.ZodUnknown))
      throw new UserError(`${origin}: ${path} has no parts; give it whole, as in --set ${path}=VALUE`, 2);
  });
  return schema;
}

const isText = (schema: z.core.$ZodType): boolean =>
  schema instanceof z.ZodString || schema instanceof z.ZodEnum || schema instanceof z.ZodUnion;

function yamlOf(value: string, origin: string): unknown {
  try {
    return parse(value);
  } catch (error) {
    throw new UserError(`${origin}: the value is no YAML: ${(error as Error).message.split('\n')[0]}`, 2);
  }
}
