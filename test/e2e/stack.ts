import { execFile, type ExecFileException } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { writeFileSync } from 'node:fs';

const PATIENCE_MS = 120_000;
/** How a folder begins that was made for one stack alone. */
const OWN = 'stack-';

export interface Spoken {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A whole stack of built files, with a PHYSICLAW_HOME of its own, that lives as long as the test. */
export interface Stack extends AsyncDisposable {
  readonly home: string;
  readonly port: number;
  /** Runs the command line as a person types it. */
  cli(...words: string[]): Promise<Spoken>;
  /** Runs a line that was printed to be typed. */
  shell(line: string): Promise<Spoken>;
  /** The same, with its one JSON value read. */
  json(...words: string[]): Promise<{ code: number; value: unknown }>;
}

export interface StackOptions {
  /** The configuration file's text. */
  readonly config?: string;
  readonly start?: boolean;
  readonly home?: string;
  /** Of another build than this one. */
  readonly launcher?: string;
}

export async function startStack({
  config,
  start = true,
  home: given,
  launcher = resolve('bin/physiclaw'),
}: StackOptions = {}): Promise<Stack> {
  const home = given ?? join(mkdtempSync(join(tmpdir(), OWN)), 'home');
  const port = await freePort();
  const stack = stackOf(home, port, launcher);
  if (config !== undefined) {
    rmSync(home, { recursive: true, force: true });
    const { mkdirSync } = await import('node:fs');
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'config.yaml'), config);
  }
  if (!start) return stack;
  const { code, err } = await stack.cli('up', '--no-tour', '--port', String(port));
  if (code === 0) return stack;
  await stack[Symbol.asyncDispose]();
  throw new Error(`the stack did not start (${code}): ${err}`);
}

function stackOf(home: string, port: number, launcher: string): Stack {
  const cli = (...words: string[]) => run(launcher, home, words);
  return {
    home,
    port,
    cli,
    shell: (line) => run('/bin/sh', home, ['-c', line]),
    async json(...words) {
      const { code, out, err } = await cli('--json', ...words);
      try {
        const value: unknown = JSON.parse(out);
        return { code, value };
      } catch {
        throw new Error(`expected JSON of ${words.join(' ')}, found (${code}) ${out} ${err}`);
      }
    },
    async [Symbol.asyncDispose]() {
      await cli('down');
      rmSync(home, { recursive: true, force: true });
      if (basename(dirname(home)).startsWith(OWN)) rmSync(dirname(home), { recursive: true });
    },
  };
}

function run(launcher: string, home: string, words: readonly string[]): Promise<Spoken> {
  return new Promise((done) => {
    const options = {
      env: { ...process.env, PHYSICLAW_HOME: home },
      timeout: PATIENCE_MS,
      maxBuffer: 64 * 1024 * 1024,
    };
    execFile(launcher, words, options, (error: ExecFileException | null, out, err) => {
      done({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, out, err });
    });
  });
}

/** A port of loopback that nobody holds at this moment. */
export function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer();
    server.on('error', fail).listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => done(port));
    });
  });
}
