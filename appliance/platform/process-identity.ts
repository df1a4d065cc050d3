import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Socket } from 'node:net';
import type koffi from 'koffi';

/** Who connected, as the kernel recorded it at that moment. */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

type Getsockopt = (
  ...call: [fd: number, level: number, name: number, value: Buffer, length: number[]]
) => number;

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const UCRED_BYTES = 12;

// Loaded by those services only that ask the kernel: it is native code.
const require = createRequire(import.meta.url);
let loaded: Getsockopt | undefined;

/**
 * The process at the other end of a Unix socket. The pid may have been given away again since:
 * compare `startTimeOf` with what is expected.
 *
 * @throws Error when the socket is closed, or no Unix socket.
 */
export function peerCredentials(socket: Socket): PeerCredentials {
  const value = Buffer.alloc(UCRED_BYTES);
  const length = [UCRED_BYTES];
  loaded ??= loadGetsockopt();
  const failed = loaded(descriptorOf(socket), SOL_SOCKET, SO_PEERCRED, value, length);
  const pid = value.readInt32LE(0);
  if (failed !== 0 || length[0] !== UCRED_BYTES || pid <= 0) {
    throw new Error('the kernel does not know the peer of this socket');
  }
  return { pid, uid: value.readUInt32LE(4), gid: value.readUInt32LE(8) };
}

/**
 * When a process started, in ticks since boot: field 22 of `/proc/<pid>/stat`. Together with the
 * pid it names one process. Undefined when there is none.
 */
export function startTimeOf(pid: number): string | undefined {
  const stat = readProc(pid, 'stat');
  // Field 2, the name, may hold spaces and parentheses; the last one closes it.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[22 - 3];
}

/**
 * The control group of version 2 that a process is in, and the one user it is; undefined when
 * there is no such process, or when it is more users than one. The kernel says both, and a process
 * without privileges can change neither.
 */
export function standingOf(pid: number): { group: string; uid: number } | undefined {
  const group = /^0::(.*)$/m.exec(readProc(pid, 'cgroup') ?? '')?.[1];
  const uid = /^Uid:\t(\d+)\t\1\t\1\t\1$/m.exec(readProc(pid, 'status') ?? '')?.[1];
  return group === undefined || uid === undefined ? undefined : { group, uid: Number(uid) };
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

function descriptorOf(socket: Socket): number {
  const handle: unknown = Reflect.get(socket, '_handle');
  const descriptor: unknown =
    typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'fd') : undefined;
  if (typeof descriptor === 'number' && descriptor >= 0) return descriptor;
  throw new Error('the socket is closed');
}

function loadGetsockopt(): Getsockopt {
  const { load }: typeof koffi = require('koffi');
  const prototype = 'int getsockopt(int, int, int, _Out_ uint8_t *value, _Inout_ uint32_t *length)';
  return load('libc.so.6').func(prototype);
}
