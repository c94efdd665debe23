import { type ClusterStatus, formatCount, formatCounted } from '@kubeshark/model';

/** What is wrong in the cluster, one sentence each: Coverage says more. */
export function clusterProblems({ nodes, workers, targets, captured, problem }: ClusterStatus): string[] {
  const problems: string[] = [];
  if (problem !== undefined) problems.push(`What is known of the cluster may be old: ${problem}`);
  if (workers < nodes)
    problems.push(
      `${formatCount(nodes - workers)} of ${formatCounted(nodes, 'node')} ${nodes - workers === 1 ? 'has' : 'have'} no worker.`,
    );
  if (targets === 0) problems.push('The target rule selects no pod.');
  if (captured < targets)
    problems.push(
      `${formatCount(targets - captured)} of ${formatCounted(targets, 'pod')} ${targets - captured === 1 ? 'is' : 'are'} not captured.`,
    );
  return problems;
}
