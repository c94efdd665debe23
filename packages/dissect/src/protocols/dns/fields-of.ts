/** A whole DNS message decoded: what the details of an entry show. */
import type { Span } from '@kubeshark/model';
import { LIMITS } from '@kubeshark/model';
import type { Edns } from './edns.ts';
import { readEdns } from './edns.ts';
import type { RecordPlace } from './message.ts';
import {
  countOf,
  HEADER,
  HeaderFlag,
  isResponse,
  messageFlags,
  messageId,
  opcodeOf,
  RecordSection,
  rcodeOf,
  walkRecords,
} from './message.ts';
import { nameText, skipName } from './name.ts';
import { className, opcodeName, rcodeName, Type, typeName } from './numbers.ts';
import { rdataText } from './rdata.ts';

export interface Question {
  name: string;
  type: string;
  class: string;
}

export interface ResourceRecord extends Question {
  ttl: number;
  /** In presentation form; an unknown type's as RFC 3597 has it. */
  data: string;
}

/** Described for users in fields.ts. */
export interface MessageFields {
  id: number;
  opcode: string;
  /** Only of responses. */
  rcode?: string;
  aa?: true;
  tc?: true;
  rd?: true;
  ra?: true;
  ad?: true;
  cd?: true;
  questions: Question[];
  answers: ResourceRecord[];
  authorities: ResourceRecord[];
  additionals: ResourceRecord[];
  edns?: Edns;
  /** Records that the header counts and that are not shown: beyond the cap, cut off, or malformed from there on. */
  missingRecords?: number;
}

/** The top bit of the class has another meaning in mDNS (RFC 6762 sections 10.2 and 18.12). */
const CLASS_BITS = 0x7fff;

/** `message` has a whole header. Never throws; what does not parse ends the list it stands in. */
export function messageFields(message: Span): MessageFields {
  const flags = messageFlags(message);
  const fields: MessageFields = {
    id: messageId(message),
    opcode: opcodeName(opcodeOf(message)),
    ...(isResponse(message) ? { rcode: rcodeName(rcodeOf(message)) } : {}),
    ...((flags & HeaderFlag.aa) === 0 ? {} : { aa: true as const }),
    ...((flags & HeaderFlag.tc) === 0 ? {} : { tc: true as const }),
    ...((flags & HeaderFlag.rd) === 0 ? {} : { rd: true as const }),
    ...((flags & HeaderFlag.ra) === 0 ? {} : { ra: true as const }),
    ...((flags & HeaderFlag.ad) === 0 ? {} : { ad: true as const }),
    ...((flags & HeaderFlag.cd) === 0 ? {} : { cd: true as const }),
    questions: questionsOf(message),
    answers: [],
    authorities: [],
    additionals: [],
  };
  const sections = [fields.answers, fields.authorities, fields.additionals];
  let shown = 0;
  walkRecords(message, (record) => {
    if (
      record.type === Type.OPT &&
      record.section === RecordSection.additional &&
      fields.edns === undefined
    ) {
      fields.edns = readEdns(message, record);
    } else {
      const resource = resourceRecord(message, record);
      if (resource === null) return false;
      sections[record.section]!.push(resource);
    }
    shown++;
    return true;
  });
  const counted = countOf(message, 1) + countOf(message, 2) + countOf(message, 3);
  if (shown < counted) fields.missingRecords = counted - shown;
  return fields;
}

function questionsOf(message: Span): Question[] {
  const { bytes, end } = message;
  const questions: Question[] = [];
  let at = message.start + HEADER;
  for (let left = Math.min(countOf(message, 0), LIMITS.dnsRecords); left > 0; left--) {
    const next = skipName(bytes, at, end);
    const name = next < 0 || next + 4 > end ? null : nameText(message, at);
    if (name === null) break;
    questions.push({
      name,
      type: typeName(bytes.readUInt16BE(next)),
      class: className(bytes.readUInt16BE(next + 2) & CLASS_BITS),
    });
    at = next + 4;
  }
  return questions;
}

function resourceRecord(message: Span, record: RecordPlace): ResourceRecord | null {
  const name = nameText(message, record.name);
  if (name === null) return null;
  return {
    name,
    type: typeName(record.type),
    class: className(record.class & CLASS_BITS),
    ttl: record.ttl,
    data: rdataText(message, record.type, record.dataStart, record.dataEnd),
  };
}
