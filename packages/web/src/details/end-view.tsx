/** Who an end of the call is in the cluster, with the labels of its pod. Nothing where nothing is known but an address. */
import type { Endpoint } from '@kubeshark/model';
import { equals, equalsAt } from './expressions.ts';
import type { OnFilter } from './filter-value.tsx';
import { Fold } from './fold.tsx';
import { PairTable } from './pair-table.tsx';

export function EndView({
  which,
  end,
  onFilter,
}: {
  which: 'src' | 'dst';
  end: Endpoint;
  onFilter: OnFilter;
}) {
  const { pod, service, workload, node, labels = {} } = end;
  const facts: [name: string, value: string | undefined, field: string][] = [
    ['namespace', pod?.namespace ?? service?.namespace, 'namespace'],
    ['pod', pod?.name, 'pod.name'],
    ['service', service?.name, 'service.name'],
    [workload?.kind || 'workload', workload?.name, 'workload.name'],
    ['node', node?.name, 'node.name'],
  ];
  const known = facts.flatMap(([name, value, field]) => (value ? [{ name, value, field }] : []));
  const labelled = Object.entries(labels);
  if (known.length === 0) return null;
  const title = which === 'src' ? 'Client' : 'Server';
  return (
    <>
      <Fold title={title}>
        <PairTable
          pairs={known.map(({ name, value }) => [name, value])}
          expression={(name, value) => {
            const fact = known.find((one) => one.name === name);
            return fact && equals(`${which}.${fact.field}`, value);
          }}
          onFilter={onFilter}
        />
      </Fold>
      {labelled.length > 0 && (
        <Fold title={`${title}’s labels`} count={labelled.length}>
          <PairTable
            pairs={labelled}
            expression={(key, value) => equalsAt(`${which}.labels`, key, value)}
            onFilter={onFilter}
          />
        </Fold>
      )}
    </>
  );
}
