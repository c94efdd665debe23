// Who sees some namespaces changes what is captured in these, and nothing elsewhere.
import type { TargetRule } from '@kubeshark/model';
import { ACCESS_ALL, accessTo } from '@kubeshark/model';
import { TargetRule as Schema } from '@kubeshark/model/schemas';
import { expect, test } from 'vitest';
import { changedBy, ruleFor } from './rule-access.ts';

const rule = (parts: Partial<TargetRule>) => Schema.parse(parts);
const SHOP = accessTo('shop', 'cart');

const CASES: [
  what: string,
  inForce: Partial<TargetRule>,
  asked: Partial<TargetRule>,
  becomes: Partial<TargetRule> | null,
][] = [
  [
    'one more of theirs',
    { namespaces: ['shop', 'pay'] },
    { namespaces: ['shop', 'cart'] },
    { namespaces: ['shop', 'cart', 'pay'] },
  ],
  [
    'one of theirs less',
    { namespaces: ['shop', 'cart', 'pay'] },
    { namespaces: ['cart'] },
    { namespaces: ['cart', 'pay'] },
  ],
  ['the first of theirs', { namespaces: ['pay'] }, { namespaces: ['shop'] }, { namespaces: ['shop', 'pay'] }],
  [
    'pods, where all of it is theirs',
    { namespaces: ['shop'] },
    { namespaces: ['shop'], pods: 'web' },
    { namespaces: ['shop'], pods: 'web' },
  ],
  [
    'pods, where others are captured too',
    { namespaces: ['shop', 'pay'] },
    { namespaces: ['shop'], pods: 'web' },
    null,
  ],
  ['labels, where all is captured', {}, { selector: 'app=web' }, null],
  ['all, where it was some', { namespaces: ['shop', 'pay'] }, { namespaces: [] }, null],
  ['theirs, where it was all', {}, { namespaces: ['shop'] }, null],
  ['a namespace of others', { namespaces: ['shop'] }, { namespaces: ['shop', 'pay'] }, null],
  [
    'all but one of theirs',
    { excludeNamespaces: ['pay'] },
    { excludeNamespaces: ['cart'] },
    { excludeNamespaces: ['cart', 'pay'] },
  ],
  ['all but one of others', {}, { excludeNamespaces: ['pay'] }, null],
];

test.each(CASES)('%s', (_, inForce, asked, becomes) => {
  expect(changedBy(rule(asked), rule(inForce), SHOP)).toEqual(becomes && rule(becomes));
  expect(changedBy(rule(asked), rule(inForce), ACCESS_ALL)).toEqual(rule(asked));
});

test('a rule that is put back as it was shown changes nothing, unless it showed nothing', () => {
  for (const [, parts] of CASES) {
    const inForce = rule(parts);
    const shown = ruleFor(inForce, SHOP);
    const back = changedBy(shown, inForce, SHOP);
    if (inForce.namespaces.length > 0 && shown.namespaces.length === 0) expect(back).toBeNull();
    else {
      expect(new Set(back!.namespaces)).toEqual(new Set(inForce.namespaces));
      expect(new Set(back!.excludeNamespaces)).toEqual(new Set(inForce.excludeNamespaces));
    }
  }
});
