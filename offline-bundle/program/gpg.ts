import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.ts';

const GPG = '/usr/bin/gpg';
const GPGCONF = '/usr/bin/gpgconf';
const TIMEOUT_MS = 60_000;
const NAME = 'physiclaw packages, a key for tests';
// Earlier than any source, so that no signature is older than its key.
const BEGAN = '20250101T000000';

/** The key that a repository of packages is signed with, made when it is first asked for. */
export class RepositoryKey implements AsyncDisposable {
  readonly #home: string;

  private constructor(home: string) {
    this.#home = home;
  }

  static async at(home: string): Promise<RepositoryKey> {
    const key = new RepositoryKey(home);
    if (!existsSync(join(home, 'made'))) await key.#make();
    return key;
  }

  /** Signs a text in the clear, dated to the second given. */
  async clearSign(file: string, target: string, seconds: number): Promise<void> {
    const time = new Date(seconds * 1000).toISOString().replaceAll(/[-:]|\.\d+Z/g, '');
    // With the mark its clock stands still, also where signing takes longer than a second.
    await this.#gpg('--faked-system-time', `${time}!`, '--yes', '-o', target, '--clear-sign', file);
  }

  async exportTo(file: string): Promise<void> {
    await this.#gpg('--yes', '-o', file, '--export');
  }

  /** Ends the agent that gpg leaves behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    await run(GPGCONF, ['--homedir', this.#home, '--kill', 'all'], { timeoutMs: TIMEOUT_MS });
  }

  async #make(): Promise<void> {
    mkdirSync(this.#home, { recursive: true, mode: 0o700 });
    chmodSync(this.#home, 0o700);
    const make = ['--passphrase', '', '--quick-gen-key', NAME, 'ed25519', 'sign', 'never'];
    await this.#gpg('--faked-system-time', BEGAN, ...make);
    mkdirSync(join(this.#home, 'made'));
  }

  async #gpg(...args: readonly string[]): Promise<void> {
    const quiet = ['--homedir', this.#home, '--batch', '--no-tty', '--quiet'];
    await run(GPG, [...quiet, ...args], { timeoutMs: TIMEOUT_MS });
  }
}
