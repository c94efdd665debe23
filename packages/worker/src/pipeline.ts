/** Packets in, batches of records out: dissect, filter, redact. One for live capture, files and the sample. */

import type { RedactionRules } from '@kubeshark/dissect';
import { Dissector, dns, http, RecordRow } from '@kubeshark/dissect';
import type { Filter } from '@kubeshark/kfl';
import type { Limits } from '@kubeshark/model';
import { Head, RecordWriter, StateNumber } from '@kubeshark/model';
import { redactor } from './redaction.ts';

/** All protocols of the product, in the order in which they are asked. */
export const PROTOCOLS = [http, dns];

export interface PipelineOptions {
  limits?: Partial<Limits>;
  decodeAs?: ReadonlyMap<string, number>;
  redaction?: RedactionRules | undefined;
  filter?: Filter | undefined;
  /**
   * Gets each batch: `count` records back to back, valid during the call only, as are the `BATCH_ROOM` bytes before them,
   * which may be overwritten. Who keeps them copies them.
   */
  onBatch: (records: Buffer, count: number) => void;
}

export class Pipeline {
  readonly dissector: Dissector;
  private readonly writer = new RecordWriter();
  private readonly onBatch: PipelineOptions['onBatch'];

  constructor(options: PipelineOptions) {
    this.onBatch = options.onBatch;
    this.dissector = new Dissector(
      {
        out: this.writer,
        ...(options.limits ? { limits: options.limits } : {}),
        ...(options.decodeAs ? { decodeAs: options.decodeAs } : {}),
        onRecords: () => {
          if (this.writer.full) this.flush();
        },
      },
      PROTOCOLS,
    );
    const filter = options.filter?.empty ? undefined : options.filter;
    const redact = options.redaction ? redactor(options.redaction) : null;
    if (redact !== null || filter) {
      const row = new RecordRow();
      this.writer.beforeCommit = (writer) => {
        // An open call may match and its end not: with a filter only what has ended is told, so no row stays open for ever.
        if (
          filter &&
          (writer.bytes[writer.start + Head.state] === StateNumber.open ||
            !filter.matches(row.at(writer.bytes, writer.start, '')))
        )
          return false;
        redact?.(writer);
        return true;
      };
    }
  }

  /** Records written and not handed over. */
  get pending(): number {
    return this.writer.count;
  }

  /** Hands over what is written so far. */
  flush(): void {
    const { writer } = this;
    if (writer.count === 0) return;
    this.onBatch(writer.records, writer.count);
    writer.clear();
  }

  /** The capture is over: everything pending is written and handed over. */
  end(): void {
    this.dissector.end();
    this.flush();
  }
}

/** Parses `tcp:9999=http`. Throws with a message for the user. */
export function parseDecodeAs(rules: readonly string[]): Map<string, number> {
  const map = new Map<string, number>();
  for (const rule of rules) {
    const match = /^(tcp|udp):(\d{1,5})=([a-z0-9]+)$/.exec(rule);
    const names: Record<string, number> = { http: http.number, dns: dns.number };
    const number = match ? names[match[3]!] : undefined;
    if (!match || number === undefined || Number(match[2]) > 65535)
      throw new Error(
        `"${rule}" is no decode rule. Write TRANSPORT:PORT=PROTOCOL, for example tcp:9999=http; protocols: ${Object.keys(names).join(', ')}.`,
      );
    map.set(`${match[1]}:${match[2]}`, number);
  }
  return map;
}
