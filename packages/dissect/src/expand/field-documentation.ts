/** A field by its path from `fields`: members after a dot, `[]` behind the name of a list. */
export interface FieldDocumentation {
  readonly name: string;
  readonly type: string;
  /** Says when it is there, unless it always is. */
  readonly description: string;
}

export interface ProtocolDocumentation {
  /** What the columns that every protocol fills hold, in this protocol's words. */
  readonly columns: { readonly operation: string; readonly target: string; readonly status: string };
  /** `request.fields`, `response.fields` and `fields` of the entry. */
  readonly request: readonly FieldDocumentation[];
  readonly response: readonly FieldDocumentation[];
  readonly entry: readonly FieldDocumentation[];
}

/** Of protocols whose calls are paired. */
export const LATE_ANSWER_FIELD: FieldDocumentation = {
  name: 'lateFor',
  type: 'number',
  description:
    'Of an answer that came after its call had been given up: index of that call in the same flow (the last part of its `id`)',
};

/** Of protocols whose calls are paired on a connection. */
export const CLOSED_FIELDS: readonly FieldDocumentation[] = [
  {
    name: 'closedBy',
    type: 'string',
    description:
      'Of a call that was not answered to its end: who closed or reset the connection first, `client` or `server`; when somebody did',
  },
  { name: 'closedAfter', type: 'number', description: 'µs from `timestamp` until then' },
];

/** Of every flow; `side` are those of one side beside what all have. */
export function flowDocumentation(
  own: readonly FieldDocumentation[],
  side: readonly FieldDocumentation[],
): readonly FieldDocumentation[] {
  const counters: readonly FieldDocumentation[] = [
    { name: 'packets', type: 'number', description: 'Packets it sent' },
    { name: 'bytes', type: 'number', description: 'Bytes of these packets, from the link header on' },
    {
      name: 'payloadBytes',
      type: 'number',
      description: 'Bytes after the transport header, those sent again included',
    },
    ...side,
  ];
  return [
    {
      name: 'state',
      type: 'string',
      description:
        '`unknown`, `connecting`, `established`, `half_closed`, `closed` or `reset`. Of UDP and ICMP: `established` once both sides spoke',
    },
    {
      name: 'end',
      type: 'string',
      description:
        'Why the row is closed: `open` (it is not), `fin`, `reset`, `idle`, `reused` (the port was used again), `evicted` (too many flows at once), `capture_end`',
    },
    { name: 'protocol', type: 'string', description: 'Protocol recognised in it; empty: none' },
    { name: 'calls', type: 'number', description: 'Entries written of it' },
    ...own,
    ...(['client', 'server'] as const).flatMap((name) =>
      counters.map((field) => ({ ...field, name: `${name}.${field.name}` })),
    ),
  ];
}
