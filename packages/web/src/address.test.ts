/** A link shows to whom it is sent what its sender saw; what makes no sense in it is left out. */
import { describe, expect, it } from 'vitest';
import { EMPTY_ADDRESS, formatAddress, parseAddress, selectedId, selectionOf } from './address.ts';

describe('the address bar', () => {
  it('gives back what was put in, whatever the filter contains', () => {
    const address = {
      view: 'coverage' as const,
      find: 'cart & co',
      filter: 'request.headers["a&b"] == "50 %" && path.contains("ä?#")',
      off: true,
      from: 1_763_473_918_000_000,
      to: 1_763_473_918_412_000,
      order: 'timestamp' as const,
      flows: true,
      selected: 'k3v9x2ab.17.4@1763473918000000',
      tab: 'entry',
    };
    expect(parseAddress(formatAddress(address))).toEqual(address);
  });

  it('is empty for the plain page', () => {
    expect(formatAddress(EMPTY_ADDRESS)).toBe('');
    expect(parseAddress('')).toEqual(EMPTY_ADDRESS);
  });

  it('leaves out a range that makes no sense', () => {
    expect(parseAddress('?from=9&to=3&f=dns')).toEqual({ ...EMPTY_ADDRESS, filter: 'dns' });
    expect(parseAddress('?from=yesterday').from).toBeNull();
    expect(parseAddress('?from=99999999999999999').from).toBeNull();
  });

  it('drops tab, switch and what is looked for when there is nothing they belong to', () => {
    expect(formatAddress({ ...EMPTY_ADDRESS, off: true, tab: 'entry', find: 'cart' })).toBe('');
  });

  it('names an entry by id and time, and takes the id alone too', () => {
    expect(selectedId(selectionOf({ id: 'k3v9x2ab.17.4', timestamp: 1_763_473_918_000_000 }))).toBe(
      'k3v9x2ab.17.4',
    );
    expect(selectedId('k3v9x2ab.17.4')).toBe('k3v9x2ab.17.4');
  });
});
