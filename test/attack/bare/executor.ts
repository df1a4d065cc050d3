import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogEvent, Receipt } from '@physiclaw/contracts';
import {
  canonicalize,
  generateSeed,
  hashIntent,
  readIntent,
  signerFromSeed,
} from '@physiclaw/proof';
import type { z } from 'zod';
import type { Target } from '../target.ts';

const STARTED_MS = 60;
const hex = () => randomBytes(16).toString('hex');
const zeros = '0'.repeat(64);

/**
 * What most agents are run by: it asks a person, and then does what it is told to. Whatever is
 * presented as a proof it takes unread, and nothing stops what it started.
 */
export function bareExecutor(ledgerFile: string): Target & Disposable {
  const authority = signerFromSeed(generateSeed());
  const verdicts = new Map<string, 'ask' | 'approve' | 'deny'>();
  const receipts: Receipt[] = [];
  const running = new Set<ReturnType<typeof spawn>>();
  const record = (event: object): Receipt => {
    const entry = canonicalize(JSON.parse(JSON.stringify({ unmapped: { event } })));
    receipts.push({ index: receipts.length, entry, proof: [], checkpoint: '' });
    return receipts.at(-1) ?? nothing();
  };
  return {
    authority: authority.did,
    open: () => Promise.resolve({ session: `s-${hex()}`, signer: signerFromSeed(generateSeed()) }),
    prepare({ session }, { actuator, arguments: given }) {
      const intent = canonicalize({
        ...BLANK,
        session,
        turn: `t-${session.slice(2)}`,
        actuator,
        arguments: given,
        salt: randomBytes(16).toString('base64'),
      });
      return Promise.resolve({ intent, hash: hashIntent(intent) });
    },
    decide({ intent, request = `r-${hex()}` }) {
      const { session, turn, actuator } = readIntent(intent);
      const isRead = actuator === 'list_dir';
      const said = verdicts.get(request) ?? (isRead ? 'approve' : 'ask');
      verdicts.set(request, said);
      const verdict = said === 'approve' ? 'allow' : said;
      const receipt = record({
        ...DECISION,
        session,
        turn,
        actuator,
        verdict,
        request,
        intent: hashIntent(intent),
      });
      if (verdict === 'ask') return Promise.resolve({ verdict, receipt, request });
      if (verdict === 'deny') return Promise.resolve({ verdict, receipt, rules: [] });
      return Promise.resolve({ verdict, receipt, capability: '' });
    },
    async act({ intent }) {
      const { actuator, arguments: given } = readIntent(intent);
      if (actuator === 'append_ledger')
        appendFileSync(ledgerFile, `${JSON.stringify(given['line'])}\n`);
      if (actuator === 'exec') {
        const [program = '', ...rest] = [given['argv']].flat().map(String);
        running.add(spawn(program, rest, { stdio: 'ignore' }));
        await sleep(STARTED_MS);
      }
    },
    append: (event: z.input<typeof LogEvent>) => Promise.resolve(record(event)),
    answerAsAgent: () => Promise.resolve({}),
    answer(request, verdict) {
      verdicts.set(request, verdict);
      return Promise.resolve({ statement: { request, verdict }, signature: '' });
    },
    restartGate: () => Promise.resolve(),
    stealLog: () => Promise.resolve({ signer: authority, origin: 'bare', entries: [] }),
    [Symbol.dispose]() {
      for (const child of running) child.kill('SIGKILL');
    },
  };
}

function nothing(): never {
  throw new Error('a receipt that was just made is gone');
}

const limits = {
  cpuSeconds: 1,
  memoryBytes: 1,
  processes: 1,
  outputBytes: 1,
  wallSeconds: 1,
};
const BLANK = {
  version: 1,
  program: { path: '/', digest: zeros },
  effects: ['execute'],
  operands: [],
  tree: zeros,
  base: 'host',
  environment: {},
  mounts: [],
  profile: { name: 'none', driver: 'none', limiter: 'rlimits', limits, network: 'none' },
  provenance: {},
};
const DECISION = {
  kind: 'decision',
  rules: [],
  policy: zeros,
  statements: [],
  enrolments: [],
  capability: `bafyrei${'a'.repeat(52)}`,
  epoch: `e-${'0'.repeat(32)}`,
  expires: { boot: 'bare', seconds: 0 },
  profile: 'none',
  driver: 'none',
  isolation: 'none',
  mode: 'solo',
  selfApproved: true,
};
