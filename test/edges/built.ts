import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { Writable } from 'node:stream';
import { startTimeOf } from '@physiclaw/platform';
import { NODE_ENVIRONMENT, NODE_FLAGS } from '#appliance/stack/program.ts';

/** One daemon of `dist/`, started by a test as the stack starts it. */
export interface Started {
  readonly service: string;
  readonly child: ChildProcess;
  readonly ready: Promise<unknown>;
}

export function startBuilt(service: string, config: string, credentials: string): Started {
  const program = resolve('dist', `${service}.js`);
  const child = spawn(process.execPath, [...NODE_FLAGS, program, config], {
    env: { ...NODE_ENVIRONMENT, CREDENTIALS_DIRECTORY: credentials },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe', service === 'identity' ? 'pipe' : 'ignore'],
  });
  const notices = child.stdio[3];
  const ready = new Promise((done) => {
    notices?.on('data', (line) => String(line).includes('READY=1') && done(undefined));
  });
  return { service, child, ready };
}

/** Tells `identity` who is who, this process among them. */
export function tell(self: string, started: readonly Started[]): void {
  const own = { service: self, pid: process.pid };
  const others = started.map(({ service, child }) => ({ service, pid: child.pid ?? 0 }));
  const children = [own, ...others].map(({ service, pid }) => ({
    service,
    pid,
    startTime: startTimeOf(pid),
  }));
  const identity = started.find(({ service }) => service === 'identity');
  const pipe = identity?.child.stdio[4];
  if (!(pipe instanceof Writable)) throw new Error('expected a pipe to identity');
  pipe.write(`${JSON.stringify({ children })}\n`);
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
