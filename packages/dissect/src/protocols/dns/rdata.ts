/** The data of resource records in presentation form, as `dig` prints it. */
import type { Span } from '@kubeshark/model';
import { ipv6Text } from './address.ts';
import { DataReader } from './data-reader.ts';
import { typeBitmap, typeCovered } from './dnssec.ts';
import { locText } from './loc.ts';
import { Type } from './numbers.ts';
import { serviceParameters } from './svcb.ts';

/** What cannot be read as its type says is shown as RFC 3597 section 5 has it. Never throws. */
export function rdataText(message: Span, type: number, start: number, end: number): string {
  const data = new DataReader(message, start, end);
  const text = readers.get(type)?.(data);
  return text === undefined || !data.done ? hexText(message.bytes, start, end) : text;
}

/** `\# 4 0a000001` */
function hexText(bytes: Buffer, start: number, end: number): string {
  return start === end ? '\\# 0' : `\\# ${end - start} ${bytes.toString('hex', start, end)}`;
}

type Reader = (data: DataReader) => string;

const name: Reader = (d) => d.name();
const numberAndName: Reader = (d) => `${d.u16()} ${d.name()}`;
const twoNames: Reader = (d) => `${d.name()} ${d.name()}`;
const ds: Reader = (d) => `${d.u16()} ${d.u8()} ${d.u8()} ${d.hexRest()}`;
const dnskey: Reader = (d) => `${d.u16()} ${d.u8()} ${d.u8()} ${d.base64Rest()}`;
const tlsa: Reader = (d) => `${d.u8()} ${d.u8()} ${d.u8()} ${d.hexRest()}`;
const strings: Reader = (d) => {
  const parts: string[] = [];
  while (d.left > 0) parts.push(d.string());
  return parts.join(' ');
};
const svcb: Reader = (d) => {
  const priority = d.u16();
  const target = d.name();
  const parameters = serviceParameters(d);
  return [priority, target, ...parameters].join(' ');
};
const eui: Reader = (d) => {
  const octets = [];
  while (d.left > 0) octets.push(d.u8().toString(16).padStart(2, '0'));
  return octets.join('-');
};

/** Time of a signature: YYYYMMDDHHmmSS in UTC (RFC 4034 section 3.2). */
function signatureTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(/[-:T]/g, '').slice(0, 14);
}

const readers = new Map<number, Reader>([
  // RFC 1035 section 3.3 and 3.4
  [Type.A, (d) => `${d.u8()}.${d.u8()}.${d.u8()}.${d.u8()}`],
  [Type.NS, name],
  [Type.MD, name],
  [Type.MF, name],
  [Type.CNAME, name],
  [Type.MB, name],
  [Type.MG, name],
  [Type.MR, name],
  [Type.PTR, name],
  [Type.SOA, (d) => `${d.name()} ${d.name()} ${d.u32()} ${d.u32()} ${d.u32()} ${d.u32()} ${d.u32()}`],
  [Type.HINFO, (d) => `${d.string()} ${d.string()}`],
  [Type.MINFO, twoNames],
  [Type.MX, numberAndName],
  [Type.TXT, strings],
  [Type.SPF, strings],
  // RFC 1183, 2230, 6672
  [Type.RP, twoNames],
  [Type.AFSDB, numberAndName],
  [Type.RT, numberAndName],
  [Type.KX, numberAndName],
  [Type.DNAME, name],
  // RFC 3596
  [Type.AAAA, (d) => d.take(16, (bytes, at) => ipv6Text(bytes, at))],
  // RFC 1876
  [Type.LOC, locText],
  // RFC 2782
  [Type.SRV, (d) => `${d.u16()} ${d.u16()} ${d.u16()} ${d.name()}`],
  // RFC 3403
  [Type.NAPTR, (d) => `${d.u16()} ${d.u16()} ${d.string()} ${d.string()} ${d.string()} ${d.name()}`],
  // RFC 4398
  [Type.CERT, (d) => `${d.u16()} ${d.u16()} ${d.u8()} ${d.base64Rest()}`],
  // RFC 4034, 7344
  [Type.DS, ds],
  [Type.CDS, ds],
  [Type.DLV, ds],
  [Type.DNSKEY, dnskey],
  [Type.CDNSKEY, dnskey],
  [
    Type.RRSIG,
    (d) =>
      `${typeCovered(d)} ${d.u8()} ${d.u8()} ${d.u32()} ${signatureTime(d.u32())} ${signatureTime(d.u32())} ${d.u16()} ${d.name()} ${d.base64Rest()}`,
  ],
  [Type.NSEC, (d) => `${d.name()}${typeBitmap(d)}`],
  // RFC 5155
  [Type.NSEC3, (d) => `${d.u8()} ${d.u8()} ${d.u16()} ${d.hexString()} ${d.base32String()}${typeBitmap(d)}`],
  [Type.NSEC3PARAM, (d) => `${d.u8()} ${d.u8()} ${d.u16()} ${d.hexString()}`],
  // RFC 7477
  [Type.CSYNC, (d) => `${d.u32()} ${d.u16()}${typeBitmap(d)}`],
  // RFC 8976
  [Type.ZONEMD, (d) => `${d.u32()} ${d.u8()} ${d.u8()} ${d.hexRest()}`],
  // RFC 4255
  [Type.SSHFP, (d) => `${d.u8()} ${d.u8()} ${d.hexRest()}`],
  // RFC 6698, 8162
  [Type.TLSA, tlsa],
  [Type.SMIMEA, tlsa],
  // RFC 7929, 4701
  [Type.OPENPGPKEY, (d) => d.base64Rest()],
  [Type.DHCID, (d) => d.base64Rest()],
  // RFC 7043
  [Type.EUI48, eui],
  [Type.EUI64, eui],
  // RFC 9460
  [Type.SVCB, svcb],
  [Type.HTTPS, svcb],
  // RFC 7553
  [Type.URI, (d) => `${d.u16()} ${d.u16()} ${d.quotedRest()}`],
  // RFC 8659 section 4.1
  [Type.CAA, (d) => `${d.u8()} ${d.plainString()} ${d.quotedRest()}`],
  // RFC 8945 section 4.2
  [
    Type.TSIG,
    (d) => {
      const algorithm = d.name();
      const signed = d.u16() * 2 ** 32 + d.u32();
      const fudge = d.u16();
      const mac = d.base64(d.u16());
      const original = d.u16();
      const error = d.u16();
      return `${algorithm} ${signed} ${fudge} ${mac} ${original} ${error} ${d.base64(d.u16())}`;
    },
  ],
]);
