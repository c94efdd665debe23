/** Why a hub could not be reached, in words that say what to look at. */

/** Nobody listens, or nobody is there. */
const NETWORK: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: is the hub running, and is this its port?',
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the name of the host cannot be looked up now',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the host does not answer',
  ECONNRESET: 'the connection was cut',
};

const NO_HUB = 'what answers there is no hub';

/** The connection failed before a hub spoke. */
export function dialProblem(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const known = NETWORK[code];
  if (known !== undefined) return `${known} (${code})`;
  // Node's HTTP parser: the port speaks something else. `ws`: it speaks HTTP and no WebSocket.
  if (code.startsWith('HPE_') || error.message.startsWith('Invalid Sec-WebSocket')) return NO_HUB;
  if (error.message === 'Opening handshake has timed out')
    return `${NO_HUB}, or it is stuck: it does not answer`;
  return error.message || code;
}

/** It answered the upgrade with a status. 401 is not among them: that is a hub which knows what it says. */
export function statusProblem(status: number): string {
  if (status >= 500) return `what stands before the hub answers with HTTP ${status}: is the hub running?`;
  return `${NO_HUB}: it answers with HTTP ${status}`;
}
