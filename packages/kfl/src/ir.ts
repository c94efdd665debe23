/** A checked filter: every node has a type and says what is meant. */
import type { Field } from '@kubeshark/model';
import type { ArithmeticOperator } from './reckon.ts';

export type Type = 'string' | 'int' | 'double' | 'bool' | 'timestamp' | 'duration' | 'list' | 'map';
/** A type in a user's words. */
export const TYPE_WORDS: Readonly<Record<Type, string>> = {
  string: 'text',
  int: 'number',
  double: 'number',
  bool: 'true or false',
  timestamp: 'time',
  duration: 'duration',
  list: 'list',
  map: 'map',
};

/** "a text". */
export function aType(type: Type): string {
  return type === 'bool' ? TYPE_WORDS.bool : `a ${TYPE_WORDS[type]}`;
}

export function isNumber(type: Type): boolean {
  return type === 'int' || type === 'double';
}

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** Text, number (timestamps and durations are µs), or list of texts. */
export type Value =
  | { readonly kind: 'const'; readonly type: Type; readonly value: string | number | boolean }
  | {
      readonly kind: 'constList';
      readonly type: 'list';
      readonly values: readonly (string | number | boolean)[];
      readonly of: Type;
    }
  | { readonly kind: 'field'; readonly type: Type; readonly field: Field }
  | {
      readonly kind: 'entry';
      readonly type: 'string';
      readonly field: Field;
      readonly key: string;
      readonly otherwise: string;
    }
  | { readonly kind: 'size'; readonly type: 'int'; readonly of: Value }
  | { readonly kind: 'lower' | 'upper'; readonly type: 'string'; readonly of: Value }
  | { readonly kind: 'concat'; readonly type: 'string'; readonly left: Value; readonly right: Value }
  | {
      readonly kind: 'arithmetic';
      readonly type: Type;
      readonly operator: ArithmeticOperator;
      readonly left: Value;
      readonly right: Value;
    }
  | { readonly kind: 'toNumber'; readonly type: 'int' | 'double'; readonly of: Value }
  | { readonly kind: 'toText'; readonly type: 'string'; readonly of: Value }
  | {
      readonly kind: 'pick';
      readonly type: Type;
      readonly condition: Condition;
      readonly yes: Value;
      readonly no: Value;
    };

export type Condition =
  | { readonly kind: 'true' | 'false' }
  | { readonly kind: 'flag'; readonly field: Field }
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly of: Condition }
  | {
      readonly kind: 'choose';
      readonly condition: Condition;
      readonly yes: Condition;
      readonly no: Condition;
    }
  | {
      readonly kind: 'compare';
      readonly operator: Comparison;
      readonly left: Value;
      readonly right: Value;
      readonly text: boolean;
    }
  | { readonly kind: 'contains' | 'startsWith' | 'endsWith'; readonly of: Value; readonly part: Value }
  | { readonly kind: 'matches'; readonly of: Value; readonly pattern: string }
  /** A text in a list field, or any value in a written list. */
  | { readonly kind: 'in'; readonly value: Value; readonly list: Value }
  | { readonly kind: 'has'; readonly field: Field; readonly key: string };
