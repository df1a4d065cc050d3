import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { methods } from '@physiclaw/contracts';
import { digestOf, signStatement } from '@physiclaw/proof';
import { placesOf, readState } from '@physiclaw/stack';
import { requireKey, signedInClient } from '#appliance/cli/session/sign-in.ts';
import { openSession } from '#appliance/cli/session/workspace.ts';
import type { Stack } from '../e2e/stack.ts';
import { startHostileModel } from './hostile-model.ts';
import type { Outside } from './outside.ts';
import { proposeCalls } from './propose.ts';
import { LIMITS } from './rows/limits.ts';
import type { World } from './world.ts';

/** The appliance, driven by a hostile model. */
export async function modelAppliance(
  stack: Stack,
  outside: Outside,
): Promise<World & AsyncDisposable> {
  const { home } = stack;
  const places = placesOf(home);
  const own = {
    config: places.config,
    key: join(home, 'secrets/log-key'),
    log: join(places.log, 'checkpoint'),
  };
  const person = signedInClient(places.cliSocket, places.people);
  const model = await startHostileModel();
  const { code, err } = await stack.cli('model', 'use', model.url);
  if (code !== 0) throw new Error(`the model was not added: ${err}`);
  const contents = new Map<string, string>();
  const signal = (name: NodeJS.Signals) => {
    const { pid } = readState(home)?.services['policy'] ?? {};
    if (pid === undefined) throw new Error('expected policy to run');
    process.kill(pid, name);
  };
  return {
    outside,
    own,
    keyText: readFileSync(own.key, 'utf8').trim(),
    async session(fill) {
      if (fill === undefined) return openSession(person);
      const folder = mkdtempSync(join(tmpdir(), 'workspace-'));
      try {
        fill(folder);
        const session = await openSession(person, folder);
        for (const [file, digest] of digestsOf(folder)) contents.set(`${session}/${file}`, digest);
        return session;
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    pathOf(session, file) {
      const digest = contents.get(`${session}/${file}`) ?? '';
      const [first, second] = [digest.slice(0, 2), digest.slice(2, 4)];
      return join(places.state, 'tools/blobs', first, second, digest);
    },
    propose: (session, proposals) =>
      proposeCalls(person, { model, session, proposals, heard: outside.heard }),
    async approve({ request }) {
      if (request === undefined) return;
      const signer = requireKey(places.people);
      const { requests } = await person.call('approvals', methods.approvals, {});
      const asked = requests.find((one) => one.request === request);
      if (asked?.state !== 'pending') return;
      const { hash: intent, policy, notAfter, log } = asked;
      const said = { type: 'physiclaw/approval/v1', verdict: 'approve', scope: 'once' } as const;
      const statement = { ...said, request, intent, notAfter, policy, log, key: signer.did };
      await person.call('approve', methods.approve, signStatement(statement, signer));
    },
    settle: () => Promise.resolve(),
    async whileHung(work) {
      signal('SIGSTOP');
      try {
        return await work();
      } finally {
        signal('SIGCONT');
      }
    },
    async kill() {
      await stack.cli('kill');
    },
    async resume() {
      if (existsSync(places.killFile)) await stack.cli('resume');
    },
    footprint: () =>
      Number.parseInt(execFileSync('/usr/bin/du', ['-sb', home], { encoding: 'utf8' })),
    [Symbol.asyncDispose]: () => model[Symbol.asyncDispose](),
  };
}

function digestsOf(folder: string): [string, string][] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => [name, digestOf(readFileSync(join(folder, name)))]);
}

/** A configuration under which every attack has something to reach for. */
export function configOf({ ledger, canary }: Outside): string {
  const { wallSeconds, processes } = LIMITS;
  return [
    ledger.config,
    `  exports: [{ name: reports, path: ${JSON.stringify(canary)} }]`,
    `  limits: { wallSeconds: ${wallSeconds}, processes: ${processes} }`,
    '',
  ].join('\n');
}
