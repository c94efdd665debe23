// Label selectors select what kubectl selects with the same text, and say where they are wrong.
import { describe, expect, test } from 'vitest';
import { parseSelector, SelectorError } from './label-selector.ts';

const PODS = {
  cart: { app: 'cart', tier: 'front', weight: '3' },
  pay: { app: 'pay', tier: 'back', 'example.org/zone': 'a' },
  bare: {},
};
const selected = (text: string) => {
  const matches = parseSelector(text);
  return Object.entries(PODS).flatMap(([name, labels]) => (matches(labels) ? [name] : []));
};

test.each([
  ['', ['cart', 'pay', 'bare']],
  ['  ', ['cart', 'pay', 'bare']],
  ['app=cart', ['cart']],
  ['app == cart', ['cart']],
  ['app!=cart', ['pay', 'bare']],
  ['app', ['cart', 'pay']],
  ['!app', ['bare']],
  ['tier in (front, back),app!=pay', ['cart']],
  ['tier notin (front)', ['pay', 'bare']],
  ['example.org/zone=a', ['pay']],
  ['weight>2', ['cart']],
  ['weight < 3', []],
  ['app=', []],
  ['app!=', ['cart', 'pay', 'bare']],
  ['inner', []],
  ['toString', []],
])('%j selects %j', (text, names) => {
  expect(selected(text)).toEqual(names);
});

describe('what is no selector says where', () => {
  test.each([
    ['app=cart,', 9],
    ['app in cart', 7],
    ['app in (cart', 12],
    ['=x', 0],
    ['__proto__', 0],
    ['app=cart tier=front', 9],
    ['weight>many', 7],
    ['app=cart;rm', 8],
    ['a/b/c', 3],
  ])('%j', (text, offset) => {
    expect(() => parseSelector(text)).toThrow(SelectorError);
    try {
      parseSelector(text);
    } catch (error) {
      expect((error as SelectorError).offset).toBe(offset);
    }
  });
});
