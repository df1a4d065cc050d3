import { once } from 'node:events';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { isRefusal, StackError } from './error.ts';
import { pidsOfMachine } from './process-table.ts';
import { userName } from './users.ts';

/** @throws StackError STACK_PORT_BUSY that names whoever listens on the port, as far as one may know. */
export async function refuseBusyPort(port: number): Promise<void> {
  for (const host of ['127.0.0.1', '::1']) {
    const refusal = await tryToListen(host, port);
    // A machine without IPv6 has no such address.
    if (refusal === undefined || isRefusal(refusal, 'EADDRNOTAVAIL', 'EAFNOSUPPORT')) continue;
    if (!isRefusal(refusal, 'EADDRINUSE')) throw refusal;
    throw new StackError(
      'STACK_PORT_BUSY',
      `port ${port} is in use by ${ownerOf(port)}; end it, or choose another port: \`up --port N\``,
      { cause: refusal },
    );
  }
}

async function tryToListen(host: string, port: number): Promise<Error | undefined> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    server.close();
  }
}

function ownerOf(port: number): string {
  const listeners = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) =>
    listenersIn(table, port),
  );
  const [first] = listeners;
  if (first === undefined) return 'a program that the kernel does not name';
  const user = userName(first.uid);
  const pid = pidsOfMachine().find((candidate) => holdsSocket(candidate, first.inode));
  if (pid === undefined) return `a program of user ${user}`;
  return `pid ${pid} (${programOf(pid)}) of user ${user}`;
}

function listenersIn(table: string, port: number): { inode: string; uid: number }[] {
  const LISTEN = '0A';
  return readLines(table).flatMap((line) => {
    const [, local = '', , state, , , , uid, , inode = ''] = line.trim().split(/\s+/);
    const isOurs = state === LISTEN && Number.parseInt(local.split(':')[1] ?? '', 16) === port;
    return isOurs ? [{ inode, uid: Number(uid) }] : [];
  });
}

function holdsSocket(pid: number, inode: string): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((fd) => linkOf(`${folder}/${fd}`) === `socket:[${inode}]`);
  } catch {
    // It ended, or belongs to somebody whose files are none of our business.
    return false;
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    // Closed since the folder was read.
    return undefined;
  }
}

/** The command line as it was typed; what ended since, or hides, goes by its pid alone. */
function programOf(pid: number): string {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return words.join(' ').trim().slice(0, 120) || 'a kernel thread';
  } catch {
    return 'unnamed';
  }
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').trimEnd().split('\n').slice(1);
  } catch {
    // A kernel without IPv6 has no such table.
    return [];
  }
}
