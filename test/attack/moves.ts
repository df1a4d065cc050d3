import { type Decision, type DecisionEvent, LogEvent, type Receipt } from '@physiclaw/contracts';
import {
  canonicalize,
  encodeBase64,
  hashIntent,
  hashLeaf,
  inclusionNodes,
  invokeCapability,
  LogTree,
  mintCapability,
  type Signer,
  signCheckpoint,
  signerFromSeed,
  generateSeed,
  signIntent,
} from '@physiclaw/proof';
import type { Held, Presented, Target } from './target.ts';

export type Allowed = Extract<Decision, { verdict: 'allow' }>;

/** A call whose effect is counted: a line in the ledger that bears the mark. */
export const lineOf = (mark: string) => ({
  actuator: 'append_ledger',
  arguments: { line: `line ${mark}` },
});

/** A command whose effect is counted: a process that bears the mark. */
export const commandOf = (mark: string) => ({
  actuator: 'exec',
  arguments: { argv: ['sleep', `1.${mark}`] },
});

/** The code of the check that said no; `none` where nothing did. */
export async function refusalOf(attempt: () => Promise<unknown>): Promise<string> {
  try {
    await attempt();
    return 'none';
  } catch (error) {
    if (error instanceof Error && 'code' in error) return String(error.code);
    throw error;
  }
}

export function decide(target: Target, held: Held, intent: string, request?: string) {
  const signature = signIntent(intent, held.signer);
  return target.decide({ intent, signature, ...(request !== undefined && { request }) });
}

/** Has policy ask, and a person answer; resolves with the request and what he signed. */
export async function answered(
  target: Target,
  held: Held,
  intent: string,
  verdict: 'approve' | 'deny' = 'approve',
) {
  const asked = await decide(target, held, intent);
  if (asked.verdict !== 'ask') throw new Error(`expected ask, got ${asked.verdict}`);
  const signed = await target.answer(asked.request, verdict);
  return { request: asked.request, receipt: asked.receipt, signed };
}

/** The decision on a call that a person approved. */
export async function approved(target: Target, held: Held, intent: string): Promise<Allowed> {
  const { request } = await answered(target, held, intent);
  return allowed(await decide(target, held, intent, request));
}

export function allowed(decision: Decision): Allowed {
  if (decision.verdict === 'allow') return decision;
  throw new Error(`expected allow, got ${decision.verdict}`);
}

/** What the session's own key presents to the gate for a decision; `other` signs in its place. */
export function presentation(
  target: Target,
  held: Held,
  { intent, decision, other = held }: { intent: string; decision: Allowed; other?: Held },
): Presented {
  const { capability = '', epoch = '' } = eventOf(decision.receipt);
  const invocation = invokeCapability({
    session: other.signer,
    authority: target.authority,
    delegation: capability,
    sessionId: held.session,
    intent: hashIntent(intent),
    epoch,
  });
  return {
    intent,
    delegation: decision.capability,
    invocation: encodeBase64(invocation),
    receipt: decision.receipt,
  };
}

/** A capability that the attacker signs himself, beside a receipt that he came by. */
export function selfMade(
  held: Held,
  { intent, receipt }: { intent: string; receipt: Receipt },
): Presented {
  return { intent, ...mint(held, { intent, signer: held.signer }).presented, receipt };
}

/** The parts of a capability made by `signer`, and its name. */
export function mint(
  held: Held,
  {
    intent,
    signer,
    epoch = `e-${'0'.repeat(32)}`,
  }: { intent: string; signer: Signer; epoch?: string },
) {
  const purpose = { sessionId: held.session, intent: hashIntent(intent), epoch };
  const token = mintCapability({
    ...purpose,
    authority: signer,
    audience: held.signer.did,
    expiresUnix: Math.floor(Date.now() / 1000) + 300,
  });
  const invocation = invokeCapability({
    ...purpose,
    session: held.signer,
    authority: signer.did,
    delegation: token.cid,
  });
  return {
    capability: token.cid,
    presented: { delegation: encodeBase64(token.bytes), invocation: encodeBase64(invocation) },
  };
}

/** The decision in an entry, as far as it is one. */
export function eventOf({ entry }: Receipt): Partial<DecisionEvent> {
  const event = LogEvent.parse(JSON.parse(entry).unmapped.event);
  return event.kind === 'decision' ? event : {};
}

/** The same receipt with a changed decision in its entry. */
export function relabelled(receipt: Receipt, change: Record<string, unknown>): Receipt {
  const entry = JSON.parse(receipt.entry);
  Object.assign(entry.unmapped.event, change);
  return { ...receipt, entry: canonicalize(entry) };
}

/** A receipt of an entry that only a fork of the log holds, signed with the log's own key. */
export async function forge(target: Target, like: Receipt, change: Record<string, unknown>) {
  const { signer, origin, entries } = await target.stealLog();
  const { entry } = relabelled(like, change);
  const leaves = [...entries, new TextEncoder().encode(entry)].map(hashLeaf);
  const tree = new LogTree();
  for (const leaf of leaves) tree.add(leaf);
  const index = leaves.length - 1;
  const read = (level: number, at: number): Uint8Array => {
    const node = tree.node(level, at);
    if (node === undefined) throw new Error(`the forger has no node ${at} of level ${level}`);
    return node;
  };
  return {
    index,
    entry,
    proof: inclusionNodes(index, leaves.length, read).map(encodeBase64),
    checkpoint: signCheckpoint({ origin, size: tree.size, root: tree.root }, signer),
  };
}

export const stranger = () => signerFromSeed(generateSeed());
