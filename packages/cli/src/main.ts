/** The `kubeshark` command. Commands are imported when they are run: `--help` and `version` start at once. */
import { enableCompileCache } from 'node:module';
import { Command, CommanderError, Option } from 'commander';
import { cacheFolder } from './folders.ts';
import { UserError } from './user-error.ts';
import { VERSION } from './version.ts';

// Compiling the sources is more than half of what a short command takes. In the user's own folder: what is found there is run,
// and the system's temporary folder is everybody's.
const cache = cacheFolder();
if (cache !== null) enableCompileCache(cache);

const program = new Command('kubeshark')
  .description(
    'Shows what your services say to each other: captures traffic, puts it back together, shows each API call.',
  )
  .version(VERSION, '-V, --version', 'print the version')
  .helpOption('-h, --help', 'show help')
  .helpCommand('help [command]', 'show help of a command')
  .showHelpAfterError('(kubeshark --help, or kubeshark COMMAND --help, says more)')
  .exitOverride()
  .addHelpText(
    'after',
    `
Examples:
  kubeshark start                  this machine's traffic in the browser
  kubeshark open capture.pcapng    a capture file in the browser
  kubeshark read capture.pcapng    its calls in the terminal
  sudo kubeshark worker            this machine's calls in the terminal, live`,
  );

const decodeAs = () =>
  new Option(
    '--decode-as <rule>',
    'read a port as a protocol, e.g. tcp:9999=http; may be given more than once',
  )
    .argParser((rule: string, rules: readonly string[]) => [...rules, rule])
    .default([] as readonly string[], 'recognised by content');
const interfaces = () =>
  new Option('-i, --interface <name...>', 'interfaces to capture').default(['any'], 'any');
const captureFilter = () =>
  new Option('--capture-filter <expression>', "what the kernel captures, e.g. 'tcp port 80'").default(
    '',
    'everything',
  );
const data = () => new Option('--data <folder>', 'where entries are kept (default: your user data folder)');
const maxSize = () => new Option('--max-size <size>', 'keep at most this much').default('2GB', '2GB');
const maxAge = () => new Option('--max-age <time>', 'keep at most this long').default('7d', '7d');
const filter = (what: string) => new Option('-f, --filter <kfl>', what).default('', 'everything');
const port = () => new Option('-p, --port <port>', 'port of the page').default('8899', '8899');
const noOpen = () => new Option('--no-open', 'do not open the browser');

program
  .command('start')
  .description('hub, worker and page on this machine; captures its interfaces')
  .addOption(port())
  .addOption(noOpen())
  .addOption(interfaces())
  .addOption(captureFilter())
  .addOption(filter('keep only entries that match'))
  .addOption(data())
  .addOption(maxSize())
  .addOption(maxAge())
  .addOption(decodeAs())
  .addHelpText(
    'after',
    `
Examples:
  kubeshark start                  the page is at http://localhost:8899
  kubeshark start --port 9000 --no-open
  kubeshark start -i eth0 --capture-filter 'tcp port 80 or udp port 53'

Hub and page need no rights. Capturing needs CAP_NET_RAW and CAP_NET_ADMIN
(root): without them the page plays a sample and shows the one command that
starts a worker with them.`,
  )
  .action(async (options) => (await import('./commands/start.ts')).start(options));

program
  .command('open')
  .description('capture files in the page')
  .argument('<file...>', 'pcap or pcapng, also gzip or zstd')
  .addOption(port())
  .addOption(noOpen())
  .addOption(decodeAs())
  .addHelpText(
    'after',
    `
Examples:
  kubeshark open capture.pcapng
  kubeshark open client.pcap server.pcap
                                   both ends of a call become one row`,
  )
  .action(async (files: string[], options) => (await import('./commands/open.ts')).open(files, options));

program
  .command('read')
  .description('entries of capture files on stdout, in the order in which calls end')
  .argument('<file...>', 'pcap or pcapng, also gzip or zstd; - is stdin')
  .addOption(filter('print only entries that match'))
  .addOption(
    new Option('-o, --output <format>', 'output format').choices(['table', 'ndjson', 'har']).default('table'),
  )
  .addOption(new Option('--sort <field>', 'order of the output').choices(['end', 'timestamp']).default('end'))
  .option('--flows', 'also flows in which calls were recognised')
  .addOption(decodeAs())
  .addHelpText(
    'after',
    `
Examples:
  kubeshark read capture.pcap
  kubeshark read capture.pcap --filter 'http && status_code >= 500'
  kubeshark read capture.pcap -o ndjson | jq .request.body.text
  kubeshark read capture.pcapng.gz -o har > calls.har
  kubeshark read --decode-as tcp:9999=http capture.pcap
  tcpdump -w - | kubeshark read -

Entries go to stdout, what is to be said of the capture to stderr. Exit status:
0, or 2 for what is no capture. A file that was cut short gives what it has.
--sort timestamp holds all entries in memory; end, the default, none.`,
  )
  .action(async (files: string[], options) => (await import('./commands/read.ts')).read(files, options));

program
  .command('worker')
  .description('the sniffer: a live table in the terminal, or an agent of a hub')
  .addOption(interfaces())
  .addOption(captureFilter())
  .addOption(filter('keep only entries that match'))
  .addOption(
    new Option('-o, --output <format>', 'output format, without a hub')
      .choices(['table', 'ndjson'])
      .default('table'),
  )
  .option('--flows', 'also flows in which calls were recognised')
  .option('--hub <url>', 'send to this hub instead of the terminal')
  .option('--token-file <file>', "file with the hub's worker token")
  .addOption(
    new Option(
      '--spool-size <size>',
      'memory for what the hub has not stored yet; fuller than half, bodies go',
    ).default('128MB', '128MB'),
  )
  .option('--name <name>', "this worker's name (default: the host name)")
  .option('--redact', 'overwrite Authorization, Cookie, Set-Cookie, Proxy-Authorization and X-Api-Key')
  .addOption(decodeAs())
  .addHelpText(
    'after',
    `
Examples:
  sudo kubeshark worker            every interface
  sudo kubeshark worker -i eth0 --capture-filter 'tcp port 80'
  sudo kubeshark worker --filter 'outcome == "server_error"' -o ndjson
  sudo kubeshark worker --hub http://localhost:8899 --token-file worker-token

Capture filters: host, net, port, portrange, tcp, udp, icmp, ip, ip6, src, dst,
and, or, not, ( ).`,
  )
  .action(async (options) => (await import('./commands/worker.ts')).worker(options));

program
  .command('hub')
  .description('receives from workers, keeps, answers queries, serves the page')
  .addOption(port())
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .addOption(data())
  .addOption(maxSize())
  .addOption(maxAge())
  .option('--token-file <file>', "file with the users' token (default: made, in the data folder)")
  .option('--worker-token-file <file>', "file with the workers' token (default: made, in the data folder)")
  .option('--allow-host <name...>', 'further host names under which the page is reached', [])
  .addHelpText(
    'after',
    `
Examples:
  kubeshark hub                    the page is at http://localhost:8899
  kubeshark hub --host 0.0.0.0 --allow-host sniffer.example.org`,
  )
  .action(async (options) => (await import('./commands/hub.ts')).hub(options));

program
  .command('version')
  .description('print the version')
  .addOption(new Option('-o, --output <format>', 'output format').choices(['text', 'json']).default('text'))
  .action((options: { output: string }) => {
    const version = {
      client: VERSION,
      node: process.version,
      platform: `${process.platform}/${process.arch}`,
    };
    console.log(
      options.output === 'json'
        ? JSON.stringify(version)
        : `kubeshark ${version.client} (Node ${version.node}, ${version.platform})`,
    );
  });

// `| head` ends quietly.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof UserError) {
    console.error(`kubeshark: ${error.message}`);
    process.exitCode = error.exitCode;
  } else {
    console.error('kubeshark: an error that should not happen. Please report it with the lines below.');
    console.error(error);
    process.exitCode = 70;
  }
}
