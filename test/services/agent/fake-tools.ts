import {
  type Intent,
  LogEntry,
  type OutcomeEvent,
  type Receipt,
  tools,
} from '@physiclaw/contracts';
import { ApplianceError, type Server } from '@physiclaw/platform';
import { canonicalize, digestOf, encodeBase64, hashIntent, readIntent } from '@physiclaw/proof';
import type { z } from 'zod';
import { type TestLog } from '#test/services/tools/log.ts';
import { manifest } from '#test/services/tools/fakes.ts';
import { newName } from './fake-policy.ts';

type Presented = z.output<typeof tools.calls.act.request>;
type Wanted = z.output<typeof tools.calls.prepare.request>;

const EMPTY_TREE = digestOf(canonicalize({ version: 1, entries: [] }));
const KNOWN = ['exec', 'read_file', 'write_file', 'disk_usage', 'log_shapes', 'process_list'];

/** What an actuator says: its structured content, its complaint, or its very bytes. */
export type Reply = { content: object } | { complaint: string } | { bytes: Uint8Array };

/** Runs nothing; counts effects, and records and refuses as the gate does. */
export class FakeTools {
  readonly effects: Intent[] = [];
  /** Codes that the next acts are refused with before anything starts, one each. */
  readonly refusals: string[] = [];
  readonly prepareFailures: string[] = [];
  epoch = newName('e');
  reply: (intent: Intent) => Reply = () => ({ content: { exit: 0, stdout: '', stderr: '' } });
  status: OutcomeEvent['status'] = 'ok';
  truncated = false;
  /** Held by a test between the start and the end of an act. */
  hold: Promise<void> | undefined;
  /** Asked before an outcome is told. */
  outcomesAsked = 0;
  /** Hands out a receipt of something else as the outcome's. */
  lie: ((receipt: Receipt) => Receipt) | undefined;
  /** Changes bytes on their way to the reader. */
  spoil = false;
  readonly blobs = new Map<string, Uint8Array>();
  #crash = Promise.withResolvers<void>();
  readonly #runs = new Map<string, { started: Receipt; intent: Intent; outcome?: Receipt }>();
  readonly #log: TestLog;

  constructor(log: TestLog) {
    this.#log = log;
  }

  serve(server: Server): Server {
    const { calls } = tools;
    return server
      .answer(calls.prepare, (wanted) => this.#prepare(wanted))
      .answer(calls.act, async (presented) => ({ receipt: await this.#act(presented) }))
      .answer(calls.outcome, ({ capability }) => this.#outcome(capability))
      .answer(calls.readBlob, ({ digest, offset, length }) => {
        const bytes = this.blobs.get(digest) ?? new Uint8Array();
        const part = bytes.slice(offset, offset + length);
        if (this.spoil) part.fill(0x20, 0, 1);
        return { bytes: encodeBase64(part), size: bytes.length };
      })
      .answer(calls.actuators, () => ({
        actuators: KNOWN.map((name) => ({
          ...manifest(name, name === 'exec' ? { effects: ['execute'] } : {}),
          floor: 0,
        })),
      }));
  }

  /** As when the process ended and came back: what was running is unknown, capabilities are past. */
  crash(): void {
    this.epoch = newName('e');
    this.#crash.resolve();
    this.#crash = Promise.withResolvers<void>();
    for (const [capability, run] of this.#runs) {
      if (!run.outcome) this.#end(capability, { status: 'unknown' });
    }
  }

  #prepare({ session, turn, actuator, arguments: given, provenance }: Wanted) {
    const failure = this.prepareFailures.shift();
    if (failure !== undefined) throw new ApplianceError(failure, 400, failure);
    if (!KNOWN.includes(actuator)) {
      throw new ApplianceError('TOOLS_ACTUATOR_UNKNOWN', 404, `no actuator ${actuator}`);
    }
    const intent: Intent = {
      version: 1,
      session,
      turn,
      actuator,
      program: { path: '/usr/bin/true', digest: '0'.repeat(64) },
      arguments: given,
      effects: ['read-workspace'],
      operands: [],
      tree: EMPTY_TREE,
      base: 'host',
      environment: {},
      mounts: [],
      profile: {
        name: 'usual',
        driver: 'bubblewrap',
        limiter: 'rlimits',
        limits: manifest(actuator).limits,
        network: 'none',
      },
      provenance,
      salt: encodeBase64(crypto.getRandomValues(new Uint8Array(16))),
    };
    const text = canonicalize(intent);
    return { intent: text, hash: hashIntent(text) };
  }

  async #act({ intent: text, receipt }: Presented): Promise<Receipt> {
    const refusal = this.refusals.shift();
    if (refusal !== undefined) throw new ApplianceError(refusal, 403, refusal);
    const intent = readIntent(text);
    const { event } = LogEntry.parse(JSON.parse(receipt.entry)).unmapped;
    if (event.kind !== 'decision' || event.capability === undefined) {
      throw new ApplianceError('TOOLS_NOT_ALLOWED', 403, 'no decision that allows');
    }
    if (event.epoch !== this.epoch) throw new ApplianceError('TOOLS_EPOCH_PAST', 403, 'past');
    const { capability } = event;
    if (this.#runs.has(capability)) {
      throw new ApplianceError('TOOLS_CAPABILITY_SPENT', 409, 'spent');
    }
    const started = this.#log.append('tools', {
      kind: 'started',
      session: intent.session,
      intent: event.intent,
      capability,
      decision: receipt.index,
      driver: 'bubblewrap',
    });
    this.#runs.set(capability, { started, intent });
    this.effects.push(intent);
    await Promise.race([this.hold, this.#crash.promise]);
    if (this.#runs.get(capability)?.outcome) throw new Error('crashed');
    return this.#end(capability, this.#resultOf(intent));
  }

  #resultOf(intent: Intent): Pick<OutcomeEvent, 'status' | 'reply'> {
    const said = this.reply(intent);
    const bytes = 'bytes' in said ? said.bytes : new TextEncoder().encode(replyText(said));
    const digest = digestOf(bytes);
    this.blobs.set(digest, bytes);
    const { status, truncated } = this;
    return { status, reply: { digest, bytes: bytes.length, truncated } };
  }

  #end(capability: string, result: Pick<OutcomeEvent, 'status' | 'reply'>): Receipt {
    const run = this.#runs.get(capability);
    if (run === undefined) throw new Error(`${capability} was never started`);
    const { session, turn, actuator } = run.intent;
    run.outcome = this.#log.append('tools', {
      kind: 'outcome',
      session,
      turn,
      intent: hashIntent(canonicalize(run.intent)),
      actuator,
      capability,
      decision: 0,
      started: run.started.index,
      ...result,
      tree: EMPTY_TREE,
      label: 'untrusted',
      driver: 'bubblewrap',
      limiter: 'rlimits',
      isolation: 'none',
      mode: 'solo',
      selfApproved: false,
    });
    return this.lie?.(run.outcome) ?? run.outcome;
  }

  #outcome(capability: string) {
    this.outcomesAsked += 1;
    const run = this.#runs.get(capability);
    if (run === undefined) return { state: 'never-started' as const };
    if (run.outcome === undefined) return { state: 'running' as const };
    return { state: 'ended' as const, receipt: run.outcome };
  }
}

function replyText(said: Exclude<Reply, { bytes: Uint8Array }>): string {
  const result =
    'complaint' in said
      ? { content: [{ type: 'text', text: said.complaint }], isError: true }
      : { content: [], structuredContent: said.content, isError: false };
  return `${JSON.stringify({ jsonrpc: '2.0', id: 1, result })}\n`;
}
