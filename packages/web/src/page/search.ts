/** What the address asks for, asked of the hub: the filter is compiled here, and the last valid one stays in force. */
import { compile } from '@kubeshark/kfl';
import type { ListQuery } from '@kubeshark/model';
import { createStore } from 'zustand/vanilla';
import type { Traffic } from '../traffic.ts';
import type { AddressBar } from './address-bar.ts';

export interface SearchState {
  /** The filter in force; '' when there is none or it is switched off. */
  filter: string;
  from: number | null;
  to: number | null;
  order: ListQuery['order'];
  flows: boolean;
  /** Its top-level `&&` parts. */
  conditions: readonly string[];
}

export class Search {
  readonly state = createStore<SearchState>(() => ({
    filter: '',
    from: null,
    to: null,
    order: 'seq',
    flows: false,
    conditions: [],
  }));
  private readonly address: AddressBar;
  private readonly traffic: Traffic;
  private asked = '';
  private shown = '';

  constructor(address: AddressBar, traffic: Traffic) {
    this.address = address;
    this.traffic = traffic;
    address.subscribe(() => this.follow());
    // What the hub shows decides the order, if the address names none.
    traffic.state.subscribe((now, before) => {
      if (now.status?.mode !== before.status?.mode) this.follow();
    });
    this.follow();
  }

  private follow(): void {
    const { filter: text, off, from, to, flows, ...address } = this.address.current();
    const { status } = this.traffic.state.getState();
    const order = address.order ?? (status?.mode === 'file' ? 'timestamp' : 'seq');
    // Selecting a row changes the address too, but not what is searched for.
    const asked = JSON.stringify([off ? '' : text, from, to, order, flows]);
    if (asked === this.asked) return;
    this.asked = asked;
    const result = compile(off ? '' : text, { now: Date.now() * 1_000 });
    if ('filter' in result) {
      const { empty, text: filter, conditions } = result.filter;
      this.state.setState({
        filter: empty ? '' : filter,
        conditions: empty ? [] : conditions.map((part) => part.text),
      });
    }
    this.state.setState({ from, to, order, flows });
    const query = {
      filter: this.state.getState().filter,
      order,
      flows,
      ...(from === null ? {} : { from }),
      ...(to === null ? {} : { to }),
    };
    // What is no filter changes nothing: the list stays as it is.
    const shown = JSON.stringify(query);
    if (shown === this.shown) return;
    this.shown = shown;
    this.traffic.show(query);
  }
}
