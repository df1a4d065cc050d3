import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** Effects of the actuator `append_ledger`, which has a floor of one signature, as the host sees them. */
export interface Ledger extends Disposable {
  /** What a configuration file says so that the actuator is there: a section `tools:`. */
  readonly config: string;
  /** Where they lie on the host. */
  readonly file: string;
  /** The lines so far, oldest first. */
  lines(): string[];
}

/** Makes an empty ledger in a folder of its own, which a service of any user can reach. */
export function openLedger(): Ledger {
  const root = mkdtempSync(join(tmpdir(), 'ledger-'));
  const folder = join(root, 'mount');
  mkdirSync(folder);
  const program = new URL('./ledger.mjs', import.meta.url);
  const manifest = new URL('./manifest.json', import.meta.url);
  for (const { pathname } of [program, manifest]) {
    const copy = join(root, basename(pathname));
    copyFileSync(pathname, copy);
    chmodSync(copy, 0o644);
  }
  chmodSync(root, 0o755);
  chmodSync(folder, 0o777);
  const file = join(folder, 'ledger');
  return {
    file,
    config: [
      'tools:',
      `  actuators: [${JSON.stringify(join(root, 'manifest.json'))}]`,
      '  mounts:',
      `    - { name: ledger, path: ${JSON.stringify(folder)}, access: write }`,
      '',
    ].join('\n'),
    lines: () => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []),
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}
