import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogEvent, SpiffeId } from '@physiclaw/contracts';
import { createLogger, Reserve } from '@physiclaw/platform';
import { logVerifier, signerFromSeed } from '@physiclaw/proof';
import { Log } from '#services/audit/log/log.ts';
import { openLog } from '#services/audit/log/folder.ts';

const trustDomain = 'test.internal';
const signer = signerFromSeed(new Uint8Array(32).fill(7));

/** A log as the service writes it, and the states that it was in on the way. */
export interface RealLog extends Disposable {
  readonly root: string;
  readonly folder: string;
  /** The file of the log's verifier key. */
  readonly vkey: string;
  /** The state of an `audit` that could be started on it. */
  readonly home: { readonly state: string; readonly anchors: string };
  /** By size: a copy of the log's folder as it was then. */
  readonly past: ReadonlyMap<number, string>;
  open(): ReturnType<typeof openLog>;
}

/** Writes a log of so many entries, and keeps a copy of it at each of the sizes. */
export async function writeLog(size: number, sizes: readonly number[] = []): Promise<RealLog> {
  const root = mkdtempSync(join(tmpdir(), 'log-'));
  const home = { state: join(root, 'state'), anchors: join(root, 'anchors') };
  mkdirSync(home.state);
  mkdirSync(home.anchors);
  const vkey = join(home.anchors, 'log.vkey');
  writeFileSync(vkey, `${logVerifier(`${trustDomain}/log`, signer.publicKey)}\n`);
  const folder = join(home.state, 'log');
  const past = new Map<number, string>();
  const log = createLogger('audit', 'silent');
  const open = () => openLog({ ...home, signer, log });
  await using ledger = new Log(await open(), {
    state: home.state,
    signer,
    reserve: await Reserve.open(join(home.state, 'reserve'), 1_048_576, log),
    onBroken: fail,
  });
  for (const next of [...sizes, size]) {
    await grow(ledger, next);
    past.set(next, join(root, `at-${next}`));
    cpSync(folder, join(root, `at-${next}`), { recursive: true });
  }
  const clear = () => rmSync(root, { recursive: true });
  return { root, folder, vkey, home, past, open, [Symbol.dispose]: clear };
}

/** The checkpoint that a copy of the log was made with. */
export function checkpointAt({ past }: RealLog, size: number): string {
  return readFileSync(join(past.get(size) ?? '', 'checkpoint'), 'utf8');
}

async function grow(ledger: Log, size: number): Promise<void> {
  const { size: from } = ledger.current;
  const reporter = SpiffeId.parse(`spiffe://${trustDomain}/tools`);
  const events = Array.from({ length: size - from }, (_, at) =>
    LogEvent.parse({
      kind: 'refusal',
      session: `s-${(from + at).toString(16).padStart(32, '0')}`,
      check: 'TOOLS_NOT_ALLOWED'.slice(0, 1 + ((from + at) % 17)),
      count: from + at + 1,
    }),
  );
  await Promise.all(
    events.map((event, at) => ledger.append({ event, once: [`key-${from + at}`] }, reporter)),
  );
}

function fail(error: Error): never {
  throw error;
}
