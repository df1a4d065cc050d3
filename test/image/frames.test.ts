import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { countFrames } from './frames.ts';

const MACHINE = '525400123456';
const HOST = '525500000202';
const EVERYBODY = 'ffffffffffff';
const GUEST_IP = '0a00020f';
const HOST_IP = '0a000202';
const DOOR = '480b';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'frames-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** A file as QEMU writes it, of frames in hexadecimal. */
function count(...frames: string[]) {
  const path = join(folder, 'frames.pcap');
  const records = frames.map((frame) => {
    const bytes = Buffer.from(frame.replaceAll(' ', ''), 'hex');
    const header = Buffer.alloc(16);
    header.writeUInt32LE(bytes.length, 8);
    header.writeUInt32LE(bytes.length, 12);
    return Buffer.concat([header, bytes]);
  });
  writeFileSync(path, Buffer.concat([Buffer.alloc(24), ...records]));
  const { all, answers, unasked } = countFrames(path);
  return { all, answers, unasked: unasked.length };
}

const arp = (to: string, from: string, [sender, target]: [string, string], kind = '0001') =>
  `${to} ${from} 0806 0001 0800 06 04 ${kind} ${from} ${sender} ${'00'.repeat(6)} ${target}`;
const tcp = (from: string, fromPort: string, flags: string) =>
  `${HOST} ${from} 0800 45 00 0028 0000 4000 40 06 0000 ${GUEST_IP} ${HOST_IP} ${fromPort} c000 00000000 00000000 50 ${flags} 0400 0000 0000`;
const udp = `${EVERYBODY} ${MACHINE} 0800 45 00 0020 0000 4000 40 11 0000 00000000 ffffffff 0044 0043 000c 0000 00000000`;

test('what others send is not the machine', () => {
  expect(count(arp(EVERYBODY, HOST, [HOST_IP, GUEST_IP]))).toEqual({
    all: 1,
    answers: 0,
    unasked: 0,
  });
});

test('an answer at the door and an answer of ARP are answers', () => {
  const reply = arp(HOST, MACHINE, [GUEST_IP, HOST_IP], '0002');
  expect(count(reply, tcp(MACHINE, DOOR, '12'))).toEqual({ all: 2, answers: 2, unasked: 0 });
});

test.each([
  ['a call to somebody from the port of the door', tcp(MACHINE, DOOR, '02')],
  ['a packet from another port', tcp(MACHINE, '0016', '12')],
  ['a search for an address', arp(EVERYBODY, MACHINE, [GUEST_IP, HOST_IP])],
  ['an announcement of itself', arp(EVERYBODY, MACHINE, [GUEST_IP, GUEST_IP])],
  ['DHCP', udp],
  ['IPv6', `333300000016 ${MACHINE} 86dd 60 000000 0000 00 01 ${'00'.repeat(32)}`],
])('%s is unasked for', (_, frame) => {
  expect(count(frame)).toEqual({ all: 1, answers: 0, unasked: 1 });
});
