import { setTimeout as sleep } from 'node:timers/promises';
import { type Receipt, tools } from '@physiclaw/contracts';
import { openReceipt, ProofError } from '@physiclaw/proof';
import type { Actor } from './actor.ts';
import { codeOf, notYet, patiently } from './patience.ts';
import type { Story } from './story.ts';

/** A gate's no that ends a capability and leaves its intent free to be decided on again. */
const PAST = new Set(['TOOLS_EPOCH_PAST', 'TOOLS_EXPIRED']);
/** A no that another intent for the same call would not meet. */
const STALE = new Set(['TOOLS_TREE_STALE', 'TOOLS_PROFILE_MISMATCH']);
/** What passes by itself: the lease is away for a moment whenever policy starts. */
const MOMENTARY = new Set(['TOOLS_LEASE_ENDED', 'INTERNAL']);
const MOST_TRIES = 12;
const PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;

/** `past`: nothing ran and this capability can start nothing more. `stale`: nor can its intent. */
export type Found = 'ended' | 'past' | 'stale';

/**
 * Presents the capability of a call to the gate until its outcome is known. Where an act may have
 * begun without our hearing of it, the gate is asked first: it is never simply tried again.
 *
 * @throws ApplianceError with the gate's code when it said no; nothing ran then.
 */
export async function present(actor: Actor, story: Story, resumed: boolean): Promise<Found> {
  for (let tries = 0, unsure = resumed; ; tries += 1) {
    if (unsure && (await hasEnded(actor, story))) return 'ended';
    try {
      await actOnce(actor, story);
      return 'ended';
    } catch (error) {
      actor.signal.throwIfAborted();
      const next = await afterNo(error, { actor, story, tries });
      if (next !== 'again') return next;
    }
    unsure = true;
    await sleep(Math.min(PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS));
  }
}

async function actOnce({ desk, signal }: Actor, story: Story): Promise<void> {
  const { delegation, invocation, receipt } = story.started();
  const { intent } = story.requested();
  const presented = { intent, delegation, invocation, receipt };
  const acted = await desk.tools.ask(tools.calls.act, presented, { signal });
  complete({ desk }, story, acted.receipt);
}

/** What a failed try leaves to do. @throws the gate's no where it is its last word. */
async function afterNo(
  error: unknown,
  { actor, story, tries }: { actor: Actor; story: Story; tries: number },
): Promise<Found | 'again'> {
  const code = codeOf(error);
  if (PAST.has(code) || code === 'TOOLS_CAPABILITY_SPENT') {
    if (await hasEnded(actor, story)) return 'ended';
    if (PAST.has(code)) return 'past';
  }
  // What a person approved is these bytes: others are not put in their place.
  if (STALE.has(code) && story.granted() === undefined) return 'stale';
  if (code.startsWith('PEER_') || (MOMENTARY.has(code) && tries < MOST_TRIES)) return 'again';
  throw error;
}

/** Waits while it runs. False: it never started. */
async function hasEnded({ desk, begun, signal }: Actor, story: Story): Promise<boolean> {
  const { session } = begun;
  const { capability } = story.started();
  const { receipt } = await patiently(
    'tools',
    async () => {
      const found = await desk.tools.ask(tools.calls.outcome, { session, capability }, { signal });
      if (found.state !== 'running') return found;
      throw notYet('it still runs');
    },
    { log: desk.log, signal },
  );
  if (receipt) complete({ desk }, story, receipt);
  return receipt !== undefined;
}

/** An end that cannot be proven is an end that nobody saw. */
function complete({ desk }: Pick<Actor, 'desk'>, story: Story, receipt: Receipt): void {
  try {
    const { event } = openReceipt(receipt, desk.vkey).entry.unmapped;
    const { capability } = story.started();
    if (event.kind === 'outcome' && event.capability === capability) {
      story.tell('tool.completed', { receipt: { ...receipt } });
      return;
    }
    const message = 'the receipt is of something else';
    story.tell('tool.refused', { code: FOREIGN, rules: [FOREIGN], message, unseen: true });
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    const { code, message } = error;
    story.tell('tool.refused', { code, rules: [code], message, unseen: true });
  }
}

const FOREIGN = 'AGENT_RECEIPT_FOREIGN';
