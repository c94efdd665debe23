// Which end of a call a place is.
import type { Place } from '@kubeshark/model';
import { RecordView } from '@kubeshark/model';
import { expect, test } from 'vitest';
import { sightingOf } from './sighting.ts';
import { buildRecord } from './testing.ts';

function side(place: Partial<Place>, dst = '10.0.0.2') {
  const view = new RecordView().at(buildRecord({ protocol: 'http', src: '10.0.0.1', dst }), 0);
  const at: Place = { worker: 'w', interface: 'eth0', source: 'af_packet', addresses: [], ...place };
  return sightingOf('id', view, at, 0).side;
}

test('the end whose address it has; neither when it has both or none', () => {
  expect(side({ addresses: ['10.0.0.1'] })).toBe('client');
  expect(side({ addresses: ['10.0.0.2', '10.0.0.9'] })).toBe('server');
  expect(side({ addresses: ['10.0.0.1', '10.0.0.2'] })).toBe('host');
  expect(side({})).toBe('host');
  expect(side({ source: 'ebpf_tls', addresses: ['10.0.0.1'] })).toBe('uprobe');
});

test('of a pod in the node’s network the end that has its port, also of a call from the node to itself', () => {
  expect(side({ addresses: ['10.0.0.1', '10.0.0.2'], ports: [80] })).toBe('server');
  expect(side({ addresses: ['10.0.0.1'], ports: [80] }, '10.0.0.1')).toBe('server');
  expect(side({ addresses: ['10.0.0.1'], ports: [40_000] })).toBe('client');
  expect(side({ addresses: ['10.0.0.1'], ports: [443] })).toBe('host');
});
