import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Mutant } from './mutant.ts';

const run = promisify(execFile);
const COPIED = ['appliance', 'services', 'test', 'package.json', 'tsconfig.json'];
const LONGEST_MS = 170_000;

const Report = z.object({ numPassedTests: z.int(), numFailedTests: z.int() });
type Report = z.infer<typeof Report>;

/** A copy of the working tree, as it is, in which checks are taken out. */
export class Scratch implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'mutants-'));

  constructor() {
    for (const name of [...COPIED, 'vitest.config.ts']) {
      cpSync(name, join(this.#folder, name), { recursive: true, filter: isSource });
    }
    this.#linkPackages();
  }

  /** How many tests of these files passed and failed without the check, which is then put back. */
  async without({ file, text, instead, tests }: Mutant): Promise<Report> {
    const path = join(this.#folder, file);
    const sound = await readFile(path, 'utf8');
    const [before, after, ...more] = sound.split(text);
    if (after === undefined || more.length > 0) {
      throw new Error(`${file}: expected once, found ${more.length + (after ? 2 : 0)}: ${text}`);
    }
    try {
      await writeFile(path, `${before}${instead}${after}`);
      return await this.run(tests);
    } finally {
      await writeFile(path, sound);
    }
  }

  async run(tests: readonly string[]): Promise<Report> {
    const outputFile = join(this.#folder, 'report.json');
    rmSync(outputFile, { force: true });
    const vitest = join(this.#folder, 'node_modules/vitest/vitest.mjs');
    const report = ['--reporter=json', `--outputFile=${outputFile}`];
    // Neither the variables of the runner that this runs in, nor how many of each that one was told.
    const { PATH = '', HOME = '' } = process.env;
    // It exits with 1 where a test fails; what counts is the report.
    await run(process.execPath, [vitest, 'run', ...tests, ...report], {
      cwd: this.#folder,
      env: { PATH, HOME },
      timeout: LONGEST_MS,
      maxBuffer: 2 ** 26,
    }).catch(() => undefined);
    return Report.parse(JSON.parse(await readFile(outputFile, 'utf8')));
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The packages are shared, but for the workspaces: those are the copy's own. */
  #linkPackages(): void {
    const [from, to] = [resolve('node_modules'), join(this.#folder, 'node_modules')];
    mkdirSync(to);
    for (const name of readdirSync(from)) {
      if (name.startsWith('.') || name === '@physiclaw') continue;
      symlinkSync(join(from, name), join(to, name));
    }
    const own = join('node_modules', '@physiclaw');
    cpSync(own, join(this.#folder, own), { recursive: true, verbatimSymlinks: true });
  }
}

function isSource(path: string): boolean {
  return !['node_modules', 'dist'].includes(basename(path));
}
