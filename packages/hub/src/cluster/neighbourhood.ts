/** Which addresses are likely the cluster's: those near to one that is. Nodes and plug-ins give them out side by side. */

export class Neighbourhood {
  private readonly near = new Set<string>();

  /** Networks once used stay: there are only so many. */
  add(address: string): void {
    this.near.add(networkOf(address));
  }

  has(address: string): boolean {
    return this.near.has(networkOf(address));
  }
}

/** /24 of IPv4, /64 of IPv6 (as RFC 5952 writes it). */
function networkOf(address: string): string {
  if (!address.includes(':')) return address.slice(0, address.lastIndexOf('.'));
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? 0 : tail.split(':').length;
    for (let zeros = 8 - groups.length - after; zeros > 0; zeros--) groups.push('0');
  }
  return groups.slice(0, 4).join(':');
}
