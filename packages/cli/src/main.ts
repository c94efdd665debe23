/** The `kubeshark` command. Commands are imported when they are run: `--help` and `version` start at once. */
import { Argument, Command, CommanderError, Option } from 'commander';
import { choice } from './choice-option.ts';
import { addClusterCommands } from './cluster-commands.ts';
import { commandFirst } from './command-first.ts';
import type { Shell } from './completion/shells.ts';
import { completionScript, KUBECTL_SCRIPT, SHELLS } from './completion/shells.ts';
import { addConfigCommand } from './config-command.ts';
import { asTyped, PROGRAM } from './program-name.ts';
import { UserError } from './user-error.ts';
import { VERSION } from './version.ts';

const program = new Command(PROGRAM)
  .configureOutput({
    writeOut: (text) => process.stdout.write(asTyped(text)),
    writeErr: (text) => process.stderr.write(asTyped(text)),
  })
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
  kubeshark deploy -n shop         a cluster's namespace in the browser
  kubeshark start                  this machine's traffic in the browser
  kubeshark open capture.pcapng    a capture file in the browser
  kubeshark read capture.pcapng    its calls in the terminal
  sudo kubeshark worker            this machine's calls in the terminal, live

Exit status: 0; 1 when it cannot be done now (a port that is taken, no right to
capture); 2 when the command line asks for what there is not (an option, a file,
a folder, an interface).`,
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

addClusterCommands(program);

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
  .addOption(choice('-o, --output <format>', 'output format', ['table', 'ndjson', 'har']))
  .addOption(choice('--sort <field>', 'order of the output', ['end', 'timestamp']))
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
  tcpdump -U -w - | kubeshark read -

Entries go to stdout, what is to be said of the capture to stderr. Exit status:
0, or 2 for what is no capture. A file that was cut short gives what it has.
Of a pipe rows come as calls end, until it ends or Ctrl-C is pressed; with -U
tcpdump holds no packets back.
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
    choice('-o, --output <format>', 'output format, without a hub', ['table', 'ndjson']).conflicts('hub'),
  )
  .addOption(new Option('--flows', 'also flows in which calls were recognised').conflicts('hub'))
  .option('--hub <url>', 'send to this hub instead of the terminal')
  .option('--token-file <file>', "file with the hub's worker token; read again at each try")
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
  .option('--host <address>', 'address to listen on', 'localhost')
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

addConfigCommand(program);

program
  .command('completion')
  .description('completion of commands, options and their values in a shell')
  .addArgument(new Argument('<shell>').choices([...SHELLS, 'kubectl']))
  .addHelpText(
    'after',
    `
Examples:
  source <(kubeshark completion bash)            here; for good, in ~/.bashrc
  source <(kubeshark completion zsh)             in ~/.zshrc, behind compinit
  kubeshark completion fish > ~/.config/fish/completions/kubeshark.fish
  kubeshark completion kubectl > ~/.local/bin/kubectl_complete-kubeshark

Contexts come from the kubeconfig, namespaces from the cluster.`,
  )
  .action((shell: Shell | 'kubectl') => {
    process.stdout.write(shell === 'kubectl' ? KUBECTL_SCRIPT : completionScript(shell, 'kubeshark'));
  });

program
  .command('__complete', { hidden: true })
  .addArgument(new Argument('<shell>').choices(SHELLS))
  .argument('<line>')
  .action(async (shell: Shell, line: string) =>
    (await import('./commands/completion.ts')).complete(program, shell, line),
  );

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `| head` ends quietly.
  if (error.code === 'EPIPE') process.exit(0);
  const reason = error.code === 'ENOSPC' ? 'there is no space left on the device' : error.message;
  console.error(`kubeshark: the output could not be written: ${reason}`);
  process.exit(1);
});

async function run(): Promise<void> {
  try {
    await program.parseAsync(commandFirst(program, process.argv.slice(2)), { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
    else if (error instanceof UserError) {
      console.error(`kubeshark: ${asTyped(error.message)}`);
      process.exitCode = error.exitCode;
    } else {
      console.error('kubeshark: an error that should not happen. Please report it with the lines below.');
      console.error(error);
      process.exitCode = 70;
    }
    // A command that waited for Ctrl-C listens to the launcher too, which would keep this process.
    if (process.connected) process.disconnect();
  }
}

// Not awaited: in the single executable this is no module that could wait.
void run();
