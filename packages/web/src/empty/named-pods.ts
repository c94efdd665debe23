/** Pods that a filter names and that are not captured: why it finds nothing of theirs. */
import { type Coverage, type CoveredPod, formatCounted } from '@kubeshark/model';
import { podsOf } from '../coverage/standing.ts';

/** What conditions ask for by name. */
export interface NamedPods {
  namespaces: readonly string[];
  pods: readonly string[];
}

const EQUALS = /\b(?:src|dst)\.((?:pod\.|service\.)?namespace|pod\.name)\s*==\s*"([\w.-]+)"/g;

/** null when they name neither pods nor namespaces. */
export function namedPods(conditions: readonly string[]): NamedPods | null {
  const named = conditions
    // Of what is to be left out nothing is missing.
    .filter((condition) => !condition.startsWith('!'))
    .flatMap((condition) => [...condition.matchAll(EQUALS)]);
  const of = (pod: boolean) => [
    ...new Set(named.filter(([, field]) => (field === 'pod.name') === pod).map(([, , name]) => name!)),
  ];
  return named.length === 0 ? null : { namespaces: of(false), pods: of(true) };
}

export interface NotCaptured {
  /** They are there: it is only that they are not captured. */
  known: boolean;
  title: string;
  reasons: readonly string[];
  /** Another target rule would capture some of them. */
  byRule: boolean;
  /** Finds them in Coverage. */
  find: string;
}

/** null: some of them are captured. `restricted`: of pods in other namespaces this viewer is not told. */
export function whyNotCaptured(
  named: NamedPods,
  coverage: Coverage,
  restricted: boolean,
): NotCaptured | null {
  const { namespaces, pods } = named;
  const found = podsOf(coverage).filter(
    ({ name, namespace }) =>
      (pods.length === 0 || pods.includes(name)) &&
      (namespaces.length === 0 || namespaces.includes(namespace)),
  );
  if (found.some(({ state }) => state === 'captured')) return null;
  const known = found.length > 0;
  return {
    known,
    title: titleOf(named, known, restricted),
    reasons: reasonsOf(found),
    byRule: found.some(({ state, hint }) => state === 'untargeted' && hint !== undefined),
    find: (pods[0] ?? namespaces[0])!,
  };
}

function titleOf({ namespaces, pods }: NamedPods, known: boolean, restricted: boolean): string {
  const words = [numbered('pod', pods), numbered('namespace', namespaces)]
    .filter((part) => part !== '')
    .join(' of ');
  const many = (pods.length === 0 ? namespaces : pods).length > 1;
  if (known)
    return `${words[0]!.toUpperCase()}${words.slice(1)} ${many ? 'are there, but are' : 'is there, but is'} not captured`;
  if (restricted) return `You may not see ${words}, or ${many ? 'they are' : 'it is'} not there`;
  return pods.length === 0 ? `The hub knows no pod of ${words} now` : `The hub knows no ${words} now`;
}

function numbered(what: string, names: readonly string[]): string {
  return names.length === 0 ? '' : `${what}${names.length === 1 ? '' : 's'} ${names.join(', ')}`;
}

/** The commonest first, with the number of pods where they differ. */
function reasonsOf(pods: readonly CoveredPod[]): string[] {
  const byReason = [...Map.groupBy(pods, ({ reason = '' }) => reason)]
    .filter(([reason]) => reason !== '')
    .toSorted((a, b) => b[1].length - a[1].length);
  if (byReason.length === 1) return [byReason[0]![0]];
  return byReason.map(([reason, { length }]) => `${formatCounted(length, 'pod')}: ${reason}`);
}
