/** Where a request comes from and whom it was meant for: against DNS rebinding and cross-site requests. */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { HubSettings } from '../settings.ts';

/** The host's name without port and brackets, lower case; '' when it is none. */
function nameOf(host: string): string {
  const url = URL.canParse(`http://${host}/`) ? new URL(`http://${host}/`) : null;
  return url === null || url.host === '' ? '' : url.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
}

export class Origins {
  /** How a name is allowed. */
  readonly remedy: string;
  private readonly allowed: ReadonlySet<string>;

  constructor({ host, allowedHosts = [], cluster }: HubSettings) {
    this.remedy = cluster
      ? 'the values hub.allowedHosts or, for signing in, hub.oidc.url; an Ingress keeps the Host header.'
      : 'kubeshark hub --allow-host NAME.';
    this.allowed = new Set(['localhost', host, ...allowedHosts].map((name) => name.toLowerCase()));
  }

  /** A page of another site that was made to point here asks under its own name: that is no name of this hub. */
  hostAllowed({ headers }: IncomingMessage): boolean {
    const name = nameOf(headers.host ?? '');
    return name !== '' && (isIP(name) !== 0 || name.endsWith('.localhost') || this.allowed.has(name));
  }

  /** Browsers say which page asks. Programs say nothing, and have a token. */
  originAllowed({ headers }: IncomingMessage): boolean {
    const { origin } = headers;
    if (origin === undefined) return true;
    return URL.canParse(origin) && new URL(origin).host === headers.host?.toLowerCase();
  }
}
