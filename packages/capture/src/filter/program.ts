/** A classic BPF program (Linux Documentation/networking/filter.rst), written from its end: all jumps go forward, so their targets are known. */

/** Position of an instruction, counted from the program's end. */
export type Label = number;

interface Instruction {
  code: number;
  jt: number;
  jf: number;
  k: number;
}

export const Load = {
  /** A = byte, half, word at k; the same at X + k; the packet's length; X = 4 × (byte at k & 15). */
  byte: 0x30,
  half: 0x28,
  word: 0x20,
  halfAtX: 0x48,
  length: 0x80,
  headerLengthToX: 0xb1,
} as const;
export const Jump = { equal: 0x15, greater: 0x25, atLeast: 0x35, anyBit: 0x45 } as const;
const ALWAYS = 0x05;
const AND = 0x54;
const RETURN = 0x06;
/** The kernel takes no more (BPF_MAXINSNS). */
export const MOST_INSTRUCTIONS = 4096;
/** As much as the ring takes of a packet. */
const WHOLE_PACKET = 262_144;

export class BackwardProgram {
  readonly accept: Label;
  readonly reject: Label;
  private readonly reversed: Instruction[] = [];

  constructor() {
    this.accept = this.put(RETURN, WHOLE_PACKET);
    this.reject = this.put(RETURN, 0);
  }

  get length(): number {
    return this.reversed.length;
  }

  private put(code: number, k: number, jt = 0, jf = 0): Label {
    return this.reversed.push({ code, jt, jf, k: k >>> 0 }) - 1;
  }

  private distance(to: Label): number {
    return this.reversed.length - to - 1;
  }

  always(to: Label): Label {
    return this.put(ALWAYS, this.distance(to));
  }

  /** A is compared with k. */
  jump(code: number, k: number, yes: Label, no: Label): Label {
    // A conditional jump reaches 255 instructions; farther ones go over an unconditional one right behind it.
    const near = (to: Label) => (this.distance(to) > 250 ? this.always(to) : to);
    const [nearYes, nearNo] = [near(yes), near(no)];
    return this.put(code, k, this.distance(nearYes), this.distance(nearNo));
  }

  /** Before the instruction written last. */
  load(code: number, k: number): Label {
    return this.put(code, k);
  }

  /** A &= k, before the instruction written last. */
  mask(k: number): Label {
    return this.put(AND, k);
  }

  /** Array of struct sock_filter, little-endian. */
  bytes(): Buffer {
    const bytes = Buffer.alloc(this.reversed.length * 8);
    for (const [i, { code, jt, jf, k }] of this.reversed.toReversed().entries()) {
      bytes.writeUInt16LE(code, i * 8);
      bytes[i * 8 + 2] = jt;
      bytes[i * 8 + 3] = jf;
      bytes.writeUInt32LE(k, i * 8 + 4);
    }
    return bytes;
  }
}
