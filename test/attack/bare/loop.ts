import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outside } from '../outside.ts';
import type { Proposal, Turn, World } from '../world.ts';

const ASKED = new Set(['exec', 'export_file', 'append_ledger']);
const PATIENCE_MS = 2000;
const TOLD_BYTES = 65_536;

/**
 * What most models are run by: files and commands of the host itself. It asks a person, does not
 * read his answer, and goes on with what is there by then; nothing stops what it started.
 */
export function bareLoop(outside: Outside): World & AsyncDisposable {
  const home = mkdtempSync(join(tmpdir(), 'bare-'));
  const own = {
    config: join(home, 'config.yaml'),
    key: join(home, 'key'),
    log: join(home, 'log'),
  };
  const keyText = 'the-key-of-the-bare-executor';
  for (const file of Object.values(own)) writeFileSync(file, keyText);
  const output = join(home, 'output');
  const running = new Set<ReturnType<typeof spawn>>();
  const waiting = new Set<() => Promise<void>>();
  const workspace = (session: string) => join(home, session);
  const run = async (session: string, { actuator, arguments: given }: Proposal) => {
    const text = (name: string) => String(given[name]);
    const path = resolve(workspace(session), text('path'));
    if (actuator === 'read_file') outside.heard.push(readFileSync(path, 'utf8'));
    if (actuator === 'write_file') writeFileSync(path, text('content'));
    if (actuator === 'export_file') copyFileSync(path, join(outside.canary, text('name')));
    if (actuator === 'append_ledger') appendFileSync(outside.ledger.file, `${text('line')}\n`);
    if (actuator === 'exec') await start(session, [given['argv'] ?? []].flat().map(String));
  };
  const start = async (session: string, [program = '', ...rest]: string[]) => {
    const out = openSync(output, 'w');
    const options = { cwd: workspace(session), detached: true } as const;
    const child = spawn(program, rest, { ...options, stdio: ['ignore', out, out] });
    closeSync(out);
    running.add(child);
    await Promise.race([once(child, 'exit'), sleep(PATIENCE_MS)]);
    outside.heard.push(beginningOf(output));
  };
  return {
    outside,
    own,
    keyText,
    session(fill) {
      const folder = mkdtempSync(join(home, 's-'));
      fill?.(folder);
      return Promise.resolve(folder.slice(home.length + 1));
    },
    pathOf: (session, file) => join(workspace(session), file),
    async propose(session, proposals): Promise<Turn> {
      const prompts: string[] = [];
      const from = outside.heard.length;
      for (const proposal of proposals) {
        prompts.push(outside.heard.slice(from).join('\n'));
        const act = () => run(session, proposal);
        if (ASKED.has(proposal.actuator)) waiting.add(act);
        else await act();
      }
      prompts.push(outside.heard.slice(from).join('\n'));
      return { ended: Promise.resolve(), prompts };
    },
    async approve() {
      for (const act of waiting) await act();
      waiting.clear();
    },
    async settle() {
      await this.approve({ ended: Promise.resolve(), prompts: [] });
    },
    whileHung: (work) => work(),
    kill: () => Promise.resolve(),
    resume: () => Promise.resolve(),
    footprint: () => statSync(output, { throwIfNoEntry: false })?.size ?? 0,
    async [Symbol.asyncDispose]() {
      for (const { pid } of running) endGroup(pid);
      await sleep(PATIENCE_MS / 20);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function beginningOf(file: string): string {
  const bytes = Buffer.alloc(TOLD_BYTES);
  const handle = openSync(file, 'r');
  const count = readSync(handle, bytes, 0, TOLD_BYTES, 0);
  closeSync(handle);
  return bytes.toString('utf8', 0, count);
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // All of it ended by itself.
  }
}
