/** A place on earth (RFC 1876). */
import type { DataReader } from './data-reader.ts';

const EQUATOR = 2 ** 31;

/** `52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m` */
export function locText(data: DataReader): string {
  if (data.u8() !== 0) {
    data.fail();
    return '';
  }
  const [size, horizontal, vertical] = [data.u8(), data.u8(), data.u8()].map(precision);
  const latitude = degrees(data.u32(), 'N', 'S');
  const longitude = degrees(data.u32(), 'E', 'W');
  const altitude = (data.u32() - 10_000_000) / 100;
  return `${latitude} ${longitude} ${altitude.toFixed(2)}m ${size} ${horizontal} ${vertical}`;
}

/** Thousandths of an arc second from the equator or the prime meridian. */
function degrees(value: number, positive: string, negative: string): string {
  const thousandths = Math.abs(value - EQUATOR);
  const seconds = ((thousandths % 60_000) / 1000).toFixed(3);
  const minutes = Math.floor(thousandths / 60_000) % 60;
  return `${Math.floor(thousandths / 3_600_000)} ${minutes} ${seconds} ${value < EQUATOR ? negative : positive}`;
}

/** Mantissa and power of ten, in centimetres. */
function precision(value: number): string {
  const metres = ((value >> 4) * 10 ** (value & 15)) / 100;
  return `${Number.isInteger(metres) ? metres : metres.toFixed(2)}m`;
}
