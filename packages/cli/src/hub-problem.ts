/** What stops a hub from starting, in words and with what to do. */
import { networkInterfaces } from 'node:os';
import { unusableFolder } from './folders.ts';
import { UserError } from './user-error.ts';

/** `error` of `startHub`; what is nothing that a user can mend comes back as it is. */
export function hubProblem(error: unknown, host: string, port: number, folder?: string): unknown {
  const { name, syscall, message, path } = error as NodeJS.ErrnoException;
  if (syscall === 'listen' || syscall === 'getaddrinfo') {
    const words = listenProblem(error as NodeJS.ErrnoException, host, port);
    if (words !== null) return new UserError(words);
  }
  if (/in use by another hub/.test(message))
    return new UserError(`${message} Stop that one, or keep this one’s entries elsewhere: --data FOLDER.`);
  // The system's error of a file, or what the store's engine says of it.
  if ((path !== undefined || name === 'StoreUnavailable') && folder !== undefined)
    return unusableFolder(folder, error);
  return error;
}

function listenProblem({ code }: NodeJS.ErrnoException, host: string, port: number): string | null {
  switch (code) {
    case 'EADDRINUSE':
      return `port ${port} is taken, perhaps by another kubeshark. ${otherPort(port)}.`;
    case 'EACCES':
      return `port ${port} needs rights that this user has not. Choose one above 1023: --port 8899.`;
    case 'EADDRNOTAVAIL':
    case 'EINVAL':
      return `${host} is no address of this machine. --host takes one of ${ownAddresses().join(', ')}, or 0.0.0.0 for all of them.`;
    case 'EAFNOSUPPORT':
      return `this machine has no IPv6, so nothing listens on ${host}. Choose another address: --host 127.0.0.1.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name ${host} stands for no address here. --host takes an address of this machine: ${ownAddresses().join(', ')}, or 0.0.0.0 for all of them.`;
    default:
      return null;
  }
}

/** What to do about a port that is taken. */
export function otherPort(port: number): string {
  return `Choose another: --port ${port === 65_535 ? 9000 : port + 1}, or --port 0 for any that is free`;
}

/** Those that can be listened on; link-local ones need more than themselves. */
export function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((all = []) =>
    all.map(({ address }) => address).filter((address) => !address.startsWith('fe80:')),
  );
}
