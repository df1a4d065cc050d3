import { methods, policy } from '@physiclaw/contracts';
import { admitScope, type Desk } from '../desk/desk.ts';
import type { SignIns } from '../people/sign-in.ts';
import type { Rooms } from './rooms.ts';

export interface Greeting {
  readonly version: string;
  readonly trustDomain: string;
  /** The log's verifier key. */
  readonly log: string;
}

/** Who may come in, and what they sign. Policy checks each signature; here they are carried. */
export function seatPeople(
  desk: Desk,
  rooms: Rooms,
  { signIns, greeting }: { signIns: SignIns; greeting: Greeting },
): void {
  desk
    .open('hello', methods.hello, async () => ({
      ...greeting,
      mode: await modeOf(rooms),
      nonce: signIns.nonce(),
    }))
    .open('claim', methods.claim, (request) => rooms.policy.ask(policy.calls.claim, request))
    .open('enrol', methods.enrol, (request) => rooms.policy.ask(policy.calls.enrol, request))
    .open('signIn', methods.signIn, (request) => signIns.signIn(request))
    .answer('signOut', methods.signOut, (_request, caller) => {
      signIns.end(caller);
      return {};
    })
    .answer('enrolments', methods.enrolments, () => rooms.policy.ask(policy.calls.enrolments, {}))
    .answer('endorse', methods.endorse, (request) =>
      rooms.policy.ask(policy.calls.endorse, request),
    )
    .answer('kill', methods.kill, (_request, { person }) =>
      rooms.policy.ask(policy.calls.kill, { person }),
    )
    .answer('resume', methods.resume, (request) => rooms.policy.ask(policy.calls.resume, request))
    .answer('tokenCreate', methods.tokenCreate, (request, caller) => {
      // Who holds less than all must not make himself a token that holds more.
      for (const scope of request.scopes) admitScope(caller, scope);
      return rooms.policy.ask(policy.calls.createToken, { ...request, person: caller.person });
    })
    .answer('tokenList', methods.tokenList, () => rooms.policy.ask(policy.calls.tokens, {}))
    .answer('tokenRevoke', methods.tokenRevoke, ({ id }, { person }) =>
      rooms.policy.ask(policy.calls.revokeToken, { id, person }),
    );
}

async function modeOf({ policy: peer }: Rooms): Promise<string> {
  try {
    return (await peer.ask(policy.calls.status, {})).mode;
  } catch {
    // A greeting must come also while policy is away: sign-in will then say what is wrong.
    return 'unknown';
  }
}
