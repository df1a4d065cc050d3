import { policy } from '@physiclaw/contracts';
import { Server, type ServerOptions, type Service, type ServiceContext } from '@physiclaw/platform';
import { answer } from './approval/answer.ts';
import { countPending, followRequest, showRequests } from './approval/requests.ts';
import type { Config } from './config.ts';
import { decide, explain } from './decision/decide.ts';
import { type Parts, openParts } from './parts.ts';
import { modeOf } from './people/directory.ts';
import { Enrolments } from './people/enrolments.ts';
import { claim, signIn } from './people/people.ts';
import { nameReceiver, receiverIn } from './people/receiver.ts';
import { checkToken, createToken, listTokens, revokeToken } from './people/tokens.ts';
import { openSession } from './session/open.ts';

/**
 * Reads the rules, then the log to its end, and only then serves.
 *
 * @throws PolicyError POLICY_RULES_INVALID before anything is opened, POLICY_LOG_MISMATCH when the
 * log is not the one that was read before.
 */
export async function startPolicy(config: Config, context: ServiceContext): Promise<Service> {
  await using stack = new AsyncDisposableStack();
  const parts = await openParts(config, context, stack);
  const { run, trustDomain } = config;
  const edge = { socket: `${run}/policy.sock`, svid: parts.svid, log: context.log, trustDomain };
  const server = stack.use(serve(parts, edge));
  const owned = stack.move();
  return {
    listen: () => server.listen(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Each call of the contract, and what answers it. */
function serve(parts: Parts, edge: ServerOptions): Server {
  const { calls } = policy;
  const { config, events, log, rules, killSwitch, lease } = parts;
  const enrolments = new Enrolments(parts);
  return new Server(policy, edge)
    .answer(calls.openSession, (opening) => openSession(opening, parts))
    .answer(calls.decide, (question) => decide(question, parts))
    .answer(calls.explain, ({ intent }) => explain(intent, parts))
    .stream(calls.followApproval, ({ request }, { signal }) =>
      followRequest(request, parts, signal),
    )
    .answer(calls.requests, async (wanted) => ({ requests: await showRequests(wanted, parts) }))
    .answer(calls.answer, (signed) => answer(signed, parts))
    .stream(calls.lease, (gate, { signal }) => lease.renew(gate, signal))
    .answer(calls.resume, async (signed) => ({ receipt: await killSwitch.resume(signed) }))
    .answer(calls.claim, (claimed) => claim(claimed, parts))
    .answer(calls.enrol, (asked) => enrolments.enrol(asked))
    .answer(calls.enrolments, () => enrolments.list())
    .answer(calls.endorse, (signed) => enrolments.endorse(signed))
    .answer(calls.signIn, (signed) => signIn(signed, parts))
    .answer(calls.nameReceiver, (signed) => nameReceiver(signed, parts))
    .answer(calls.createToken, (creation) => createToken(creation, parts))
    .answer(calls.tokens, () => ({ tokens: listTokens(events) }))
    .answer(calls.revokeToken, (revocation) => revokeToken(revocation, parts))
    .answer(calls.checkToken, ({ token }) => checkToken(token, events))
    .answer(calls.kill, ({ person }) => ({ kill: killSwitch.kill(person) }))
    .answer(calls.status, () => ({
      mode: modeOf(events),
      preset: config.preset,
      policy: rules.digest,
      killed: killSwitch.look(),
      gate: lease.epoch !== undefined,
      pending: countPending(parts),
      journaled: log.journaled,
      receiver: receiverIn(events),
    }));
}
