import { SiemError } from '../errors.ts';

/** One frame of RELP: what belongs together, what it is, and what it carries. */
export interface Frame {
  readonly number: number;
  readonly command: string;
  readonly data: Buffer;
}

const HEADER = /^([0-9]{1,9}) ([a-z]{1,32}) ([0-9]{1,9})([ \n])/;
const LONGEST_HEADER = 54;
const LONGEST_DATA = 65_536;
const LINE_FEED = 0x0a;

export function encodeFrame(number: number, command: string, data: Buffer): Buffer {
  const header = Buffer.from(`${number} ${command} ${data.length}${data.length > 0 ? ' ' : ''}`);
  return Buffer.concat([header, data, Buffer.of(LINE_FEED)]);
}

/** Finds the frames in what a receiver says, in whatever pieces it comes. */
export class FrameReader {
  #rest = Buffer.alloc(0);

  /** @throws SiemError SIEM_RECEIVER_REFUSED for what is no RELP, or longer than an answer is. */
  *read(bytes: Buffer): Generator<Frame> {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const found = this.#next();
      if (found === undefined) return;
      yield found;
    }
  }

  #next(): Frame | undefined {
    const [header, number, command = '', length, end] =
      HEADER.exec(this.#rest.toString('latin1', 0, LONGEST_HEADER)) ?? [];
    if (header === undefined) {
      if (this.#rest.length >= LONGEST_HEADER || this.#rest.includes(LINE_FEED)) throw strange();
      return undefined;
    }
    // An empty frame ends with its header.
    const size = Number(length);
    const start = end === '\n' ? header.length - 1 : header.length;
    if (size > LONGEST_DATA || (end === '\n' && size > 0)) throw strange();
    if (this.#rest.length <= start + size) return undefined;
    if (this.#rest[start + size] !== LINE_FEED) throw strange();
    const data = this.#rest.subarray(start, start + size);
    this.#rest = this.#rest.subarray(start + size + 1);
    return { number: Number(number), command, data };
  }
}

function strange(): SiemError {
  const message =
    'expected a frame of RELP from the receiver, found something else; does it speak RELP there?';
  return new SiemError('SIEM_RECEIVER_REFUSED', message);
}
