import { setTimeout as sleep } from 'node:timers/promises';
import { type ApprovalRequest, methods, type Receipt } from '@physiclaw/contracts';
import { signStatement } from '@physiclaw/proof';
import { type Places, placesOf } from '@physiclaw/stack';
import type { Client } from '#appliance/cli/session/client.ts';
import { requireKey, signedInClient } from '#appliance/cli/session/sign-in.ts';

const PAUSE_MS = 40;

/** The person who owns a stack, at a command line that goes on trying while services are away. */
export class Person {
  /** What the log acknowledged to this person. */
  readonly receipts: Receipt[] = [];
  readonly #places: Places;
  #client: Client | undefined;

  constructor(home: string) {
    this.#places = placesOf(home);
  }

  /** Does it again, after a new sign-in, until it works or the time is over. */
  async persist<Result>(
    what: (client: Client) => Promise<Result>,
    patienceMs: number,
  ): Promise<Result> {
    for (const end = Date.now() + patienceMs; ;) {
      try {
        this.#client ??= signedInClient(this.#places.cliSocket, this.#places.people);
        return await what(this.#client);
      } catch (error) {
        this.#client = undefined;
        if (Date.now() >= end) throw error;
        await sleep(PAUSE_MS);
      }
    }
  }

  /** Signs a yes to whatever waits, one after the other, until the signal. */
  async approveAll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.persist((client) => this.#approvePending(client), 0).catch(() => undefined);
      await sleep(PAUSE_MS);
    }
  }

  async #approvePending(client: Client): Promise<void> {
    const { requests } = await client.call('approvals', methods.approvals, { state: 'pending' });
    for (const request of requests) {
      const { receipt } = await client.call('approve', methods.approve, this.#sign(request));
      this.receipts.push(receipt);
    }
  }

  #sign({ request, hash, policy, notAfter, log }: ApprovalRequest) {
    const signer = requireKey(this.#places.people);
    const statement = {
      type: 'physiclaw/approval/v1',
      verdict: 'approve',
      request,
      intent: hash,
      scope: 'once',
      notAfter,
      policy,
      log,
      key: signer.did,
    } as const;
    return signStatement(statement, signer);
  }
}
