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
import type { Refused } from '../gate/refusals.ts';
import type { Prepared } from '../intent/prepare.ts';
import { launch, layOutRun, type Means, recordOutcome, settle } from './launch.ts';

type State = z.input<typeof tools.calls.outcome.reply>;

const HALTED = {
  kill: 'nothing acts while the kill file lies there: physiclaw resume',
  lease: 'nothing acts unless policy renews the lease: look at physiclaw status',
};

/** Carries out what the gate lets through: started, run, outcome, in this order and once. */
export class Acts {
  readonly #means: Means;
  readonly #turns = new Turnstile();
  /** Capabilities that were presented and are not answered for yet; each as often as presented. */
  readonly #inHand: string[] = [];
  /** How many sandboxes run now. */
  running = 0;

  constructor(means: Means) {
    this.#means = means;
  }

  /**
   * Resolves with the receipt of the outcome.
   *
   * @throws ToolsError that names the check which said no; nothing ran then, and the no is counted.
   */
  async act(presented: Presented): Promise<Receipt> {
    const { refusals, workspaces } = this.#means;
    const refused: Refused = { check: '' };
    // Only `outcome` looks at this: a made-up name makes it say "running" for a moment at most.
    const [, capability = ''] = /"capability":"([a-z2-7]+)"/.exec(presented.receipt.entry) ?? [];
    this.#inHand.push(capability);
    try {
      const asked = checkWellFormed(presented.intent);
      const { session } = asked.intent;
      refused.intent = asked.hash;
      // Who makes names up gets one count for all of them.
      if (workspaces.has(session)) refused.session = session;
      // One after the other: two acts on one tree would both claim to be its successor.
      return await this.#turns.pass(session, () => this.#act(asked, presented));
    } catch (cause) {
      const error = orDiskFull(cause);
      if (error instanceof ToolsError) refusals.count({ ...refused, check: error.code });
      throw error;
    } finally {
      this.#inHand.splice(this.#inHand.indexOf(capability), 1);
    }
  }

  /** What became of an act, by the log; one that nobody ends any more is ended here as `unknown`. */
  async outcome(session: string, capability: string): Promise<State> {
    const { fold, history, log } = this.#means;
    const before = this.#inHand.includes(capability);
    await history.catchUp();
    const found = fold.run(capability);
    const run = found?.session === session ? found : undefined;
    if (run?.outcome !== undefined) {
      const receipt = await log.ask(audit.calls.receipt, { index: run.outcome });
      return { state: 'ended', receipt };
    }
    // An act that came or went while we read the log is in hand all the same.
    if (before || this.#inHand.includes(capability)) return { state: 'running' };
    if (run === undefined) return { state: 'never-started' };
    return { state: 'ended', receipt: await settle(this.#means, run) };
  }

  /** Ends what an earlier process started and did not see the end of. */
  async settleAll(): Promise<void> {
    const { fold, history } = this.#means;
    await history.catchUp();
    for (const run of fold.orphans()) await settle(this.#means, run);
  }

  async #act(asked: Prepared, presented: Presented): Promise<Receipt> {
    const { driver, lease, scratch } = this.#means;
    demand(driver.missing === undefined, 'TOOLS_SANDBOX_MISSING', driver.missing ?? '');
    const admitted = await admit(asked, presented, this.#means);
    const { halt } = lease;
    if (halt) throw new ToolsError('TOOLS_LEASE_ENDED', HALTED[halt]);
    await using place = scratch.place();
    const run = await layOutRun(asked.intent, place.path, this.#means);
    const started = await this.#start(admitted);
    this.running += 1;
    const result = await launch(run, asked.intent, this.#means);
    this.running -= 1;
    const { capability, decision, index } = admitted;
    const ending = { ...result, capability, decision: index, started };
    return recordOutcome(this.#means, decision, ending);
  }

  /** The log takes the keys, or nothing runs: it is the list of what was spent. */
  async #start({ capability, decision, index, once }: Admitted): Promise<number> {
    const { driver, log, vkey } = this.#means;
    const { session, intent } = decision;
    const told = { kind: 'started', session, intent, capability, decision: index } as const;
    const event = { ...told, driver: driver.name };
    try {
      const receipt = await log.ask(audit.calls.append, { event, once });
      const said = checkReceipt(receipt, vkey).entry.unmapped.event;
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
