/** HTTP/1.0 and 1.1 over TCP (RFC 9110, RFC 9112). */
import { ProtocolNumber } from '@kubeshark/model';
import type { Protocol } from '../../protocol.ts';
import { HttpFollower } from './follow.ts';
import { probeHttp } from './probe.ts';

export const http: Protocol = {
  number: ProtocolNumber.http,
  tcp: {
    ports: [80, 8000, 8080, 8081, 8888, 3000, 5000, 9090],
    probe: probeHttp,
    follow: (flow) => new HttpFollower(flow),
  },
};
