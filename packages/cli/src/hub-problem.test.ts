// Why a hub did not start, in words that say what to do; what nobody can mend stays what it is.
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { hubProblem, ownAddresses } from './hub-problem.ts';
import { UserError } from './user-error.ts';

/** The system's own error. */
async function listenError(host: string, port: number): Promise<Error> {
  const server = createServer();
  return await new Promise((resolve, reject) => {
    server.once('error', resolve);
    server.listen(port, host, () => server.close(() => reject(new Error('it listens'))));
  });
}

function said(error: Error, host: string, port: number): [string, number] {
  const problem = hubProblem(error, host, port);
  expect(problem).toBeInstanceOf(UserError);
  const { message, exitCode } = problem as UserError;
  return [message, exitCode];
}

test('an address of another machine', async () => {
  const [message, code] = said(await listenError('192.0.2.77', 0), '192.0.2.77', 8899);
  expect(message).toMatch(
    /^192\.0\.2\.77 is no address of this machine\. --host takes one of .*127\.0\.0\.1.*0\.0\.0\.0/,
  );
  expect(code).toBe(1);
});

test('a name of nobody', async () => {
  const [message, code] = said(await listenError('nobody.invalid', 0), 'nobody.invalid', 8899);
  expect(message).toMatch(/^the name nobody\.invalid stands for no address here\. --host takes/);
  expect(code).toBe(1);
});

test('a port that is taken', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const error = await listenError('127.0.0.1', port);
  server.close();
  expect(said(error, 'localhost', port)).toEqual([
    `port ${port} is taken, perhaps by another kubeshark. Choose another: --port ${port + 1}, or --port 0 for any that is free.`,
    1,
  ]);
});

test('a port for root only', () => {
  const error = Object.assign(new Error('listen EACCES'), { code: 'EACCES', syscall: 'listen' });
  expect(said(error, 'localhost', 80)).toEqual([
    'port 80 needs rights that this user has not. Choose one above 1023: --port 8899.',
    1,
  ]);
});

test('a data folder that cannot be used', () => {
  const error = Object.assign(new Error('EROFS'), { code: 'EROFS', syscall: 'mkdir', path: '/x/store' });
  const problem = hubProblem(error, 'localhost', 8899, '/x') as UserError;
  expect([problem.message, problem.exitCode]).toEqual([
    'the data folder /x cannot be used: it is on a disk that cannot be written. Choose another: --data FOLDER.',
    2,
  ]);
});

test('a store that its engine cannot open', () => {
  const error = Object.assign(new Error('IO Error: Cannot open file'), { name: 'StoreUnavailable' });
  const problem = hubProblem(error, 'localhost', 8899, '/x') as UserError;
  expect([problem.message, problem.exitCode]).toEqual([
    'the data folder /x cannot be used: IO Error: Cannot open file. Choose another: --data FOLDER.',
    2,
  ]);
});

test('anything else comes back as it is', () => {
  const error = new TypeError('a fault');
  expect(hubProblem(error, 'localhost', 8899, '/x')).toBe(error);
});

test('addresses that --host takes', () => {
  expect(ownAddresses()).toContain('127.0.0.1');
  expect(ownAddresses().filter((address) => address.startsWith('fe80:'))).toEqual([]);
});
