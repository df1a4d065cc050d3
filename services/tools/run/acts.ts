import { audit, type Receipt, type tools } from '@physiclaw/contracts';
import { codeOf, Turnstile } from '@physiclaw/platform';
import type { z } from 'zod';
import { demand, orDiskFull, ToolsError } from '../errors.ts';
import {
  admit,
  type Admitted,
  checkReceipt,
  checkWellFormed,
  type Presented,
} from '../gate/gate.ts';
import type { Refusal, Refusals } from '../gate/refusals.ts';
import type { Prepared } from '../intent/prepare.ts';
import type { Scratch } from '@physiclaw/sandbox';
import { layOut } from '../workspace/workspaces.ts';
import { entriesFor, launch, type Launcher, recordOutcome, runOf, settle } from './launch.ts';

export interface ActsOptions extends Launcher {
  readonly refusals: Refusals;
  readonly scratch: Scratch;
}

type State = z.input<typeof tools.calls.outcome.reply>;

/** Carries out what the gate lets through: started, run, outcome, in this order and once. */
export class Acts {
  readonly #options: ActsOptions;
  readonly #turns = new Turnstile();
  /** Capabilities that were presented and are not answered for yet; each as often as presented. */
  readonly #inHand: string[] = [];
  /** How many sandboxes run now. */
  running = 0;

  constructor(options: ActsOptions) {
    this.#options = options;
  }

  /**
   * Resolves with the receipt of the outcome.
   *
   * @throws ToolsError that names the check which said no; nothing ran then, and the no is counted.
   */
  async act(presented: Presented): Promise<Receipt> {
    const refusal: Refusal = { check: '' };
    // Only `outcome` looks at this: a made-up name makes it say "running" for a moment at most.
    const [, capability = ''] = /"capability":"([a-z2-7]+)"/.exec(presented.receipt.entry) ?? [];
    this.#inHand.push(capability);
    try {
      const asked = checkWellFormed(presented.intent);
      const { session } = asked.intent;
      refusal.intent = asked.hash;
      if (this.#options.facts.ground.workspaces.has(session)) refusal.session = session;
      // One after the other: two acts on one tree would both claim to be its successor.
      return await this.#turns.pass(session, () => this.#act(asked, presented));
    } catch (cause) {
      const error = orDiskFull(cause);
      if (error instanceof ToolsError) {
        this.#options.refusals.count({ ...refusal, check: error.code });
      }
      throw error;
    } finally {
      this.#inHand.splice(this.#inHand.indexOf(capability), 1);
    }
  }

  /** What became of an act, by the log; one that nobody ends any more is ended here as `unknown`. */
  async outcome(session: string, capability: string): Promise<State> {
    const { facts, log } = this.#options;
    const before = this.#inHand.includes(capability);
    await facts.history.catchUp();
    const found = facts.fold.run(capability);
    const run = found?.session === session ? found : undefined;
    if (run?.outcome !== undefined) {
      const receipt = await log.ask(audit.calls.receipt, { index: run.outcome });
      return { state: 'ended', receipt };
    }
    // An act that came or went while we read the log is in hand all the same.
    if (before || this.#inHand.includes(capability)) return { state: 'running' };
    if (run === undefined) return { state: 'never-started' };
    return { state: 'ended', receipt: await settle(this.#options, run) };
  }

  /** Ends what an earlier process started and did not see the end of. */
  async settleAll(): Promise<void> {
    const { facts } = this.#options;
    await facts.history.catchUp();
    for (const run of facts.fold.orphans()) await settle(this.#options, run);
  }

  async #act(asked: Prepared, presented: Presented): Promise<Receipt> {
    const { driver, facts, lease, scratch } = this.#options;
    const { missing } = driver;
    demand(missing === undefined, 'TOOLS_SANDBOX_MISSING', missing ?? '');
    const admitted = await admit(asked, presented, facts);
    demand(lease.live, 'TOOLS_LEASE_ENDED', 'nothing acts: the lease is not renewed');
    const { ground } = facts;
    const { intent } = asked;
    await using place = scratch.place();
    const entries = await entriesFor(intent, ground);
    await layOut(entries, place.path, (digest) => ground.workspaces.path(digest));
    const run = runOf(intent, place.path, ground);
    const started = await this.#start(admitted);
    this.running += 1;
    const result = await launch(run, intent, this.#options);
    this.running -= 1;
    const { capability, decision, index } = admitted;
    const ending = { ...result, capability, decision: index, started };
    return recordOutcome(this.#options, decision, ending);
  }

  /** The log takes the keys, or nothing runs: it is the list of what was spent. */
  async #start({ capability, decision, index, once }: Admitted): Promise<number> {
    const { facts, log, driver } = this.#options;
    const { session, intent } = decision;
    const told = { kind: 'started', session, intent, capability, decision: index } as const;
    const event = { ...told, driver: driver.name };
    try {
      const receipt = await log.ask(audit.calls.append, { event, once });
      const said = checkReceipt(receipt, facts.vkey).entry.unmapped.event;
      const proven = said.kind === 'started' && said.capability === capability;
      demand(proven, 'TOOLS_RECEIPT_INVALID', 'the log proved another entry than the one told');
      return receipt.index;
    } catch (cause) {
      if (codeOf(cause) !== 'AUDIT_ALREADY_USED') throw cause;
      const message = 'the capability, or an approval of it, was used before';
      throw new ToolsError('TOOLS_CAPABILITY_SPENT', message, { cause });
    }
  }
}
