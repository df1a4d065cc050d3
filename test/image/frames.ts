import { readFileSync } from 'node:fs';
import { MAC } from '../../packer/machine/machine.ts';

const FILE_HEADER = 24;
const FRAME_HEADER = 16;
const ETHERNET = 14;
const ARP = 0x0806;
const ARP_REQUEST = 1;
const IPV4 = 0x0800;
const TCP = 6;
const DOOR = 18443;
const own = Buffer.from(MAC.replaceAll(':', ''), 'hex');

export interface Frames {
  /** All that crossed the wire, in both directions. */
  readonly all: number;
  /** Sent by the machine: answers to somebody who had called. */
  readonly answers: number;
  /** Sent by the machine, and nobody had asked. */
  readonly unasked: readonly string[];
}

/** Counts the frames of a file that QEMU wrote (pcap), by who sent them and why. */
export function countFrames(path: string): Frames {
  const frames = [...framesOf(readFileSync(path))];
  const sent = frames.filter((frame) => frame.subarray(6, 12).equals(own));
  const unasked = sent.filter((frame) => !isAnswer(frame));
  return {
    all: frames.length,
    answers: sent.length - unasked.length,
    unasked: unasked.map((frame) => frame.subarray(0, 64).toString('hex')),
  };
}

function* framesOf(file: Buffer): Generator<Buffer> {
  for (let at = FILE_HEADER; at + FRAME_HEADER <= file.length;) {
    const length = file.readUInt32LE(at + 8);
    yield file.subarray(at + FRAME_HEADER, at + FRAME_HEADER + length);
    at += FRAME_HEADER + length;
  }
}

/** A reply of ARP, a question of ARP about somebody who has called, or TCP from the console's door. */
function isAnswer(frame: Buffer): boolean {
  const type = frame.readUInt16BE(12);
  const payload = frame.subarray(ETHERNET);
  if (type === ARP) {
    const isAboutItself = payload.subarray(14, 18).equals(payload.subarray(24, 28));
    return payload.readUInt16BE(6) !== ARP_REQUEST || (!isBroadcast(frame) && !isAboutItself);
  }
  if (type !== IPV4 || payload[9] !== TCP) return false;
  const tcp = payload.subarray(((payload[0] ?? 0) & 0x0f) * 4);
  const isOpening = ((tcp[13] ?? 0) & 0x12) === 0x02;
  return tcp.readUInt16BE(0) === DOOR && !isOpening;
}

function isBroadcast(frame: Buffer): boolean {
  return frame.subarray(0, 6).every((byte) => byte === 0xff);
}
