/** What each shell is told, and how candidates are handed to it. */
import type { Candidate } from './candidates.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** Of all that a name in a kubeconfig may hold: neither ends a line nor moves the cursor. */
const ONE_LINE = /^[^\p{Cc}\p{Zl}\p{Zp}]+$/u;
/** What bash does not have to be told to take as it is. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/**
 * One candidate a line, as the shell's script takes them. `current`: the word under the cursor.
 * - bash puts a candidate in the place of what stands behind the last `=` or `:`, and does not quote it;
 * - zsh takes `value:description`;
 * - fish takes the value, a tab and the description.
 */
export function candidateLines(shell: Shell, all: readonly Candidate[], current: string): string {
  const kept = all.filter(({ value }) => ONE_LINE.test(value));
  switch (shell) {
    case 'bash': {
      const stays = Math.max(current.lastIndexOf('='), current.lastIndexOf(':')) + 1;
      return lines(kept.filter(({ value }) => PLAIN.test(value)).map(({ value }) => value.slice(stays)));
    }
    case 'zsh':
      return lines(
        kept.map(({ value, description }) => `${value.replaceAll(/[\\:]/g, String.raw`\$&`)}:${description}`),
      );
    case 'fish':
      return lines(kept.map(({ value, description }) => `${value}\t${description}`));
  }
}

const lines = (all: readonly string[]) => all.map((line) => `${line}\n`).join('');

/** The file `kubectl_complete-kubeshark`, which kubectl runs for Tab: fish's lines, and 4 for "no file names" in its terms. */
export const KUBECTL_SCRIPT = `#!/bin/sh
kubectl-kubeshark __complete fish "kubectl-kubeshark $*" 2>/dev/null
echo :4
`;

/** `name`: of the program. Where nothing fits, file names do. */
export function completionScript(shell: Shell, name: string): string {
  const fn = `_${name.replaceAll('-', '_')}`;
  switch (shell) {
    case 'bash':
      return `# ${name}: completion for bash. Load it: source <(${name} completion bash)
${fn}() {
  local IFS=$'\\n'
  COMPREPLY=($("\${1/#\\~/$HOME}" __complete bash "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null))
}
complete -o default -F ${fn} ${name}
`;
    case 'zsh':
      return `#compdef ${name}
# ${name}: completion for zsh. Load it: source <(${name} completion zsh)
${fn}() {
  local -a found
  found=("\${(@f)$(\${words[1]/#\\~/$HOME} __complete zsh "\${(j: :)words[1,CURRENT-1]} $PREFIX" 2>/dev/null)}")
  if [[ -n "\${found[*]}" ]]; then _describe '${name}' found; else _files; fi
}
if [[ "\${funcstack[1]}" == ${fn} ]]; then ${fn} "$@"; else compdef ${fn} ${name}; fi
`;
    case 'fish':
      return `# ${name}: completion for fish. Load it: ${name} completion fish | source
function ${fn}
  set -l found (${name} __complete fish (commandline -cp) 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c ${name} -f -a '(${fn})'
`;
  }
}
