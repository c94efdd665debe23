/** The `kubeshark` command. Commands are imported when they are run: `--help` and `version` start at once. */
import { enableCompileCache } from 'node:module';
import { Command, CommanderError, Option } from 'commander';
import { UserError } from './user-error.ts';
import { VERSION } from './version.ts';

// Compiling the sources is more than half of what a short command takes.
enableCompileCache();

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
  kubeshark start                                     this machine's traffic in the browser
  kubeshark open capture.pcapng                       a capture file in the browser
  kubeshark read capture.pcap --filter 'status_code >= 500'
  sudo kubeshark worker -i any                        a live table in the terminal`,
  );

const decodeAs = () =>
  new Option('--decode-as <rule...>', 'read a port as a protocol, e.g. tcp:9999=http').default(
    [] as string[],
    'recognised by content',
  );
const filter = (what: string) => new Option('-f, --filter <kfl>', what).default('', 'everything');
const port = () => new Option('-p, --port <port>', 'port of the page').default('8899');
const noOpen = () => new Option('--no-open', 'do not open the browser');

program
  .command('start')
  .description('hub, worker and page on this machine; captures its interfaces')
  .addOption(port())
  .addOption(noOpen())
  .option('-i, --interface <name...>', 'interfaces to capture', ['any'])
  .option('--capture-filter <expression>', "what the kernel captures, e.g. 'tcp port 80'", '')
  .addOption(filter('keep only entries that match'))
  .option('--data <folder>', 'where entries are kept (default: your user data folder)')
  .option('--max-size <size>', 'keep at most this much', '2GB')
  .option('--max-age <time>', 'keep at most this long', '7d')
  .addOption(decodeAs())
  .addHelpText(
    'after',
    `
Examples:
  kubeshark start                                     page at http://localhost:8899
  kubeshark start -i eth0 --capture-filter 'tcp port 80 or udp port 53'
  kubeshark start --port 9000 --no-open

Hub and page need no rights. Capturing needs CAP_NET_RAW (root): without it the page plays a sample and
shows the one command that starts a worker with that right.`,
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
  kubeshark open client.pcap server.pcap              both ends of the same calls become one row a call`,
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
  kubeshark read capture.pcap --filter 'http && status_code >= 500' -o ndjson | jq .request.body.text
  tcpdump -w - | kubeshark read -
  kubeshark read capture.pcapng.gz -o har > calls.har
  kubeshark read capture.pcap --decode-as tcp:9999=http

Exit status: 0, or 2 for what is no capture. A file that was cut short gives what it has and says so.`,
  )
  .action(async (files: string[], options) => (await import('./commands/read.ts')).read(files, options));

program
  .command('worker')
  .description('the sniffer: a live table in the terminal, or an agent of a hub')
  .option('-i, --interface <name...>', 'interfaces to capture', ['any'])
  .option('--capture-filter <expression>', "what the kernel captures, e.g. 'tcp port 80'", '')
  .addOption(filter('keep only entries that match'))
  .addOption(
    new Option('-o, --output <format>', 'output format, without a hub')
      .choices(['table', 'ndjson'])
      .default('table'),
  )
  .option('--flows', 'also flows in which calls were recognised')
  .option('--hub <url>', 'send to this hub instead of the terminal')
  .option('--token-file <file>', "file with the hub's worker token")
  .option('--name <name>', "this worker's name (default: the host name)")
  .option('--redact', 'overwrite Authorization, Cookie, Set-Cookie, Proxy-Authorization and X-Api-Key')
  .addOption(decodeAs())
  .addHelpText(
    'after',
    `
Examples:
  sudo kubeshark worker                               every interface
  sudo kubeshark worker -i eth0 --capture-filter 'tcp port 80'
  sudo kubeshark worker --filter 'outcome == "server_error"' -o ndjson
  sudo kubeshark worker --hub http://localhost:8899 --token-file worker-token

Capture filters: host, net, port, portrange, tcp, udp, icmp, ip, ip6, src, dst, and, or, not, ( ).`,
  )
  .action(async (options) => (await import('./commands/worker.ts')).worker(options));

program
  .command('hub')
  .description('receives from workers, keeps, answers queries, serves the page')
  .addOption(port())
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .option('--data <folder>', 'where entries are kept (default: your user data folder)')
  .option('--max-size <size>', 'keep at most this much', '2GB')
  .option('--max-age <time>', 'keep at most this long', '7d')
  .option('--token-file <file>', "file with the users' token (default: made, in the data folder)")
  .option('--worker-token-file <file>', "file with the workers' token (default: made, in the data folder)")
  .option('--allow-host <name...>', 'further host names under which the page is reached', [])
  .addHelpText(
    'after',
    `
Examples:
  kubeshark hub                                       page at http://localhost:8899
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
