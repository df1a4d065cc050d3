import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SCREEN } from '@physiclaw/machine';

/** What the screen is told by the programs that know it. */
export type FactName =
  | 'state'
  | 'address'
  | 'host'
  | 'seed'
  | 'certificate'
  | 'log'
  | 'recovery key'
  | 'claim code';

const PAUSE_MS = 50;

/** Facts for the screen, a file each, in a folder that only root and the screen can look into. */
export class Facts {
  readonly #folder: string;

  constructor(folder: string = SCREEN) {
    this.#folder = folder;
  }

  tell(name: FactName, value: string): void {
    const path = this.#pathOf(name);
    const draft = `${path}.draft`;
    writeFileSync(draft, value.replaceAll(/[^\x20-\x7e]+/g, ' '));
    // Of the folder's group, whatever the umask.
    chmodSync(draft, 0o640);
    renameSync(draft, path);
  }

  read(name: FactName): string | undefined {
    const path = this.#pathOf(name);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  }

  remove(name: FactName): void {
    rmSync(this.#pathOf(name), { force: true });
  }

  /** Resolves once the screen took this fact away, having shown it; or after the patience. */
  async shown(name: FactName, patienceMs: number): Promise<boolean> {
    const until = performance.now() + patienceMs;
    while (existsSync(this.#pathOf(name))) {
      if (performance.now() > until) return false;
      await sleep(PAUSE_MS);
    }
    return true;
  }

  #pathOf(name: FactName): string {
    return join(this.#folder, name.replaceAll(' ', '-'));
  }
}
