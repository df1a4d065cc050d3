import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SpiffeId } from '@physiclaw/contracts';
import { IdentityConfig } from '@physiclaw/machine';
import { createLogger, fixedSvid, spiffeIdOf, type SvidSource } from '@physiclaw/platform';
import { fileProvider, genesis } from '@physiclaw/seal';
import { onTestFinished } from 'vitest';
import { Authority } from '#services/identity/authority/authority.ts';

export const trustDomain = 'test.internal';

/** A home where genesis has been, and an empty run folder; both go with the test. */
export async function makeHouse({ svidSeconds = 3600 } = {}) {
  const home = mkdtempSync(join(tmpdir(), 'identity-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const folder = (name: string) => {
    mkdirSync(join(home, name), { recursive: true });
    return join(home, name);
  };
  await genesis({ home, trustDomain, provider: fileProvider });
  const caKey = readFileSync(join(home, 'secrets/ca-key'), 'utf8');
  const bundle = readFileSync(join(home, 'anchors/trust-bundle.pem'), 'utf8');
  const authority = await Authority.open(caKey, bundle, trustDomain);
  const config = IdentityConfig.parse({
    trustDomain,
    run: folder('run'),
    state: folder('state/identity'),
    anchors: join(home, 'anchors'),
    isolation: 'none',
    svidSeconds,
  });
  const lines: Record<string, unknown>[] = [];
  const log = createLogger('identity', 'info', { write: (line) => lines.push(JSON.parse(line)) });
  return {
    home,
    config,
    caKey,
    bundle,
    authority,
    log,
    /** What was logged. */
    lines,
    /** An SVID of this house that no identity knows of. */
    async svidOf(service: string): Promise<SvidSource> {
      const id = SpiffeId.parse(spiffeIdOf(trustDomain, service));
      const { cert, key, bundle: ca } = (await authority.issue(id, 3600)).update;
      return fixedSvid({ cert, key, ca });
    },
  };
}
export type House = Awaited<ReturnType<typeof makeHouse>>;
