/** The commands for a cluster. */
import type { Command } from 'commander';
import { Option } from 'commander';
import { choice } from './choice-option.ts';
import { DEFAULT_NAMESPACE } from './manifests/names.ts';
import { accountName, namespaceName, namespaceNames } from './namespace-option.ts';

const many = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** How the cluster is reached; of every command here. */
function reached(command: Command): Command {
  return command
    .option('--context <name>', 'context of the kubeconfig (default: the current one)')
    .option('--kubeconfig <file>', 'kubeconfig (default: KUBECONFIG, ~/.kube/config)')
    .option('--release-namespace <name>', 'namespace of kubeshark itself', namespaceName, DEFAULT_NAMESPACE);
}

function shown(command: Command): Command {
  return command
    .addOption(new Option('-p, --port <port>', 'local port of the page').default('8899', '8899'))
    .addOption(new Option('--no-open', 'do not open the browser'))
    .addOption(new Option('-f, --filter <kfl>', 'filter of the page when it opens').default('', 'none'))
    .option(
      '--service-account <namespace/name>',
      'ServiceAccount as which the page is opened; what it may read the logs of is shown',
      accountName,
    );
}

/** What is installed, beyond targets. */
function installing(command: Command): Command {
  return command
    .option('--image-registry <host/path>', 'where the nodes pull the images from')
    .option('--image-tag <tag>', 'tag of the images (default: this version)')
    .addOption(
      new Option('--image-pull-policy <policy>', 'when the nodes pull').choices([
        'IfNotPresent',
        'Always',
        'Never',
      ]),
    )
    .option('--set <key=value>', 'any other value; may be given more than once', many, []);
}

export function addClusterCommands(program: Command): void {
  installing(shown(reached(program.command('deploy').alias('tap'))))
    .description('hub and workers into the cluster, and the page on them')
    .argument('[pod-regex]', 'capture pods whose names match (RE2)')
    .option(
      '-n, --namespace <name>',
      'capture pods of this namespace; may be given more than once',
      namespaceNames,
    )
    .option('-A, --all-namespaces', 'capture pods of all namespaces')
    .option(
      '--exclude-namespace <name>',
      '… but not of this one; may be given more than once',
      namespaceNames,
    )
    .option('-l, --selector <labels>', 'capture pods with these labels, as kubectl reads them')
    .option('--storage-size <size>', 'a volume of this size keeps history, e.g. 20Gi (default: none)')
    .option('--storage-class <name>', 'StorageClass of that volume')
    .addOption(
      new Option('--dry-run [where]', 'print targets and manifests, change nothing')
        .choices(['client', 'server'])
        .preset('client'),
    )
    .option('--keep', 'leave it installed when this ends')
    .addHelpText(
      'after',
      `
Examples:
  kubeshark deploy                    pods of the context's namespace
  kubeshark deploy -n shop            pods of namespace shop
  kubeshark deploy -A                 all pods
  kubeshark deploy 'cart.*' -n shop -l tier=front
  kubeshark deploy -A --storage-size 20Gi --keep
  kubeshark deploy -n shop --dry-run > kubeshark.yaml

Without a pod, namespace or selector it means the namespace of the kubeconfig's
context. Running it again changes the targets. Ctrl-C removes what it created.`,
    )
    .action(async (pods: string | undefined, options) =>
      (await import('./commands/deploy.ts')).deploy(pods, options),
    );

  shown(reached(program.command('proxy')))
    .description('the page of a hub that is installed in a cluster')
    .addHelpText(
      'after',
      `
Examples:
  kubeshark proxy
  kubeshark proxy --port 9000 --no-open
  kubeshark proxy --service-account shop/developer
                                   as who may read the logs of shop`,
    )
    .action(async (options) => (await import('./commands/proxy.ts')).proxy(options));

  reached(program.command('clean'))
    .description('take an installation out of a cluster')
    .addHelpText(
      'after',
      `
Examples:
  kubeshark clean
  kubeshark clean --context staging --release-namespace sniffer`,
    )
    .action(async (options) => (await import('./commands/clean.ts')).clean(options));

  answers(reached(program.command('status')))
    .description('what of a cluster is captured, and what was lost')
    .option('--service-account <namespace/name>', 'ServiceAccount as which the hub is asked', accountName)
    .addHelpText(
      'after',
      `
Examples:
  kubeshark status
  kubeshark status -o json | jq '.coverage.nodes[].pods[].reason'`,
    )
    .action(async (options) => (await import('./commands/status.ts')).status(options));

  reached(program.command('logs'))
    .description('logs, events and objects of an installation in a zip file')
    .option('-o, --output <file>', 'file to write (default: kubeshark-logs-TIME.zip)')
    .option('--service-account <namespace/name>', 'ServiceAccount as which the hub is asked', accountName)
    .addHelpText(
      'after',
      `
Examples:
  kubeshark logs
  kubeshark logs -o /tmp/report.zip

The path of the file goes to stdout. In it are the logs of all containers and of
their runs before, events, manifests, versions, and what status and Coverage
say. What cannot be read is named. No traffic, no tokens and no secrets are in
it.`,
    )
    .action(async (options) => (await import('./commands/logs.ts')).logs(options));

  installing(answers(reached(program.command('check'))))
    .description('whether you may install it in a cluster, and whether its nodes can capture')
    .option(
      '-n, --namespace <name>',
      'for pods of this namespace; may be given more than once',
      namespaceNames,
    )
    .option('--no-probe', 'do not try the nodes: no pod is created')
    .addHelpText(
      'after',
      `
Examples:
  kubeshark check
  kubeshark check --image-registry registry.example.org/tools
  kubeshark check -n shop --release-namespace tools
                                   as the administrator of these namespaces
  kubeshark check --context staging --no-probe -o json

On each Linux node a pod of the worker's image (the installed one's, unless an
option names another) opens a capture, says how that went and is removed.
? stands before what could not be tried.
Exit status 0 when everything is there, 1 when something is missing.`,
    )
    .action(async (options) => (await import('./commands/check.ts')).check(options));

  answers(reached(program.command('version')))
    .description('print the version, and those of hub and workers in the cluster')
    .option('--client', 'of this command alone: no cluster is asked')
    .addHelpText(
      'after',
      `
Examples:
  kubeshark version
  kubeshark version --client -o json

Without a cluster, or when it does not answer, it prints its own version.`,
    )
    .action(async (options) => (await import('./commands/version.ts')).version(options));
}

function answers(command: Command): Command {
  return command.addOption(choice('-o, --output <format>', 'output format', ['text', 'json', 'yaml']));
}
