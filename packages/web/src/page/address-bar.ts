/** The browser's address bar as a value that changes: what the page shows is what stands there. */
import { type Address, formatAddress, parseAddress } from '../address.ts';

/** `push`: the back button returns to what was before. `replace`: it does not. */
export type Step = 'push' | 'replace';

export class AddressBar {
  private address: Address = parseAddress(location.search);
  private readonly listeners = new Set<() => void>();

  constructor() {
    window.addEventListener('popstate', () => {
      this.address = parseAddress(location.search);
      this.tell();
    });
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly current = (): Address => this.address;

  go(change: Partial<Address>, step: Step = 'push'): void {
    const next = { ...this.address, ...change };
    const search = formatAddress(next);
    if (search === formatAddress(this.address)) return;
    this.address = next;
    const url = `${location.pathname}${search}`;
    if (step === 'push') history.pushState(null, '', url);
    else history.replaceState(null, '', url);
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}
