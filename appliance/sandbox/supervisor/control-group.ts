import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Limits } from '@physiclaw/contracts';
import type { Meter, Usage } from './meter.ts';

/**
 * A control group for one run: one folder below a folder of version 2, or one in each hierarchy of
 * version 1. The kernel counts and refuses; reaching a limit shows in the counters of its refusals.
 */
export class ControlGroup implements Meter {
  readonly #folders: readonly string[];

  constructor(parents: readonly string[], name: string) {
    this.#folders = parents.map((parent) => join(parent, name));
    for (const folder of this.#folders) mkdirSync(folder);
  }

  /** Whether runs can be counted and limited in all three ways here. */
  get complete(): boolean {
    return [
      ['memory.max', 'memory.limit_in_bytes'],
      ['pids.max'],
      ['cpu.stat', 'cpuacct.usage'],
    ].every((either) => either.some((file) => this.#find(file) !== undefined));
  }

  limit({ memoryBytes, processes }: Pick<Limits, 'memoryBytes' | 'processes'>): void {
    this.#set('memory.max', memoryBytes);
    this.#set('memory.swap.max', 0);
    this.#set('memory.oom.group', 1);
    this.#set('memory.limit_in_bytes', memoryBytes);
    this.#set('memory.memsw.limit_in_bytes', memoryBytes);
    this.#set('pids.max', processes);
  }

  admit(init: number): void {
    for (const folder of this.#folders) writeFileSync(join(folder, 'cgroup.procs'), `${init}`);
  }

  usage(): Usage {
    const cpuMs =
      this.#find('cpuacct.usage') === undefined
        ? this.#count('cpu.stat', 'usage_usec') / 1e3
        : this.#count('cpuacct.usage') / 1e6;
    const peak = this.#count('memory.peak') || this.#count('memory.max_usage_in_bytes');
    return { cpuMs: Math.round(cpuMs), memoryBytes: peak };
  }

  reached(): 'memory' | 'processes' | undefined {
    const killed =
      this.#count('memory.events', 'oom_kill') + this.#count('memory.oom_control', 'oom_kill');
    if (killed > 0) return 'memory';
    return this.#count('pids.events', 'max') > 0 ? 'processes' : undefined;
  }

  released(): boolean {
    return this.#folders.every(isRemoved);
  }

  #find(file: string): string | undefined {
    return this.#folders.map((folder) => join(folder, file)).find((path) => existsSync(path));
  }

  #set(file: string, value: number): void {
    const path = this.#find(file);
    if (path !== undefined) writeFileSync(path, `${value}`);
  }

  /** A file's only number, or the one behind `key`; 0 where this version has no such file. */
  #count(file: string, key = ''): number {
    const path = this.#find(file);
    const text = path === undefined ? '' : readFileSync(path, 'utf8');
    return Number(new RegExp(`^${key} ?(\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  }
}

/** The kernel lets go of a group some moments after its last process ended. */
function isRemoved(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'EBUSY' && code !== 'ENOENT') throw error;
    return code === 'ENOENT';
  }
}
