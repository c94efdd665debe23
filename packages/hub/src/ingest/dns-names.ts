/** Names of addresses, as DNS answers in the traffic tell them. Bounded; an answer counts from when it was seen. */
import { expanderOf } from '@kubeshark/dissect';
import type { RecordView } from '@kubeshark/model';

/** Connections outlive the time to live of the answer that made them. */
const LEAST_LIFE = 3_600_000_000;

export class DnsNames {
  /** Names forgotten for others. */
  readonly caps = { dnsNames: 0 };
  private readonly names = new Map<string, { name: string; from: number; until: number }>();
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** `record` is a closed DNS call. */
  learn(record: RecordView, time: number): void {
    if (record.outcome !== 'ok') return;
    const fields = expanderOf(record.protocolNumber).response(record)?.fields ?? {};
    const answers = fields['answers'];
    // What was asked for, rather than the last of a chain of aliases: that is the name the program knows.
    const asked = nameIn((fields['questions'] as unknown[] | undefined)?.[0]);
    if (!Array.isArray(answers)) return;
    for (const answer of answers as Record<string, unknown>[]) {
      const { type, data, ttl } = answer;
      const name = asked ?? nameIn(answer);
      if ((type !== 'A' && type !== 'AAAA') || typeof data !== 'string' || name === undefined) continue;
      const life = Math.max(LEAST_LIFE, typeof ttl === 'number' ? ttl * 1_000_000 : 0);
      this.names.delete(data);
      this.names.set(data, { name, from: time, until: time + life });
      if (this.names.size <= this.limit) continue;
      this.names.delete(this.names.keys().next().value!);
      this.caps.dnsNames++;
    }
  }

  nameOf(ip: string, time: number): string | undefined {
    const known = this.names.get(ip);
    // A connection may be seen a little earlier than the answer: other interface, other clock.
    return known && time >= known.from - 5_000_000 && time <= known.until ? known.name : undefined;
  }
}

function nameIn(part: unknown): string | undefined {
  const name = (part as { name?: unknown } | undefined)?.name;
  return typeof name === 'string' ? name.replace(/\.$/, '') : undefined;
}
