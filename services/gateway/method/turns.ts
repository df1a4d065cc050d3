import { agent, methods, tools } from '@physiclaw/contracts';
import { Turnstile } from '@physiclaw/platform';
import { admitScope, type Caller, type Desk } from '../desk/desk.ts';
import type { Sessions } from '../session/session.ts';
import type { Rooms } from './rooms.ts';

/** The name of the session that explains calls: no client can give one of its own that is empty. */
const EXPLAINING = '';

/** Sessions, what is asked in them, and what comes of it. */
export function seatTurns(desk: Desk, rooms: Rooms, sessions: Sessions): void {
  seatSessions(desk, rooms, sessions);
  desk
    .answer('ask', methods.ask, async ({ session, task }, { person }) => ({
      turn: await sessions.ask(session, person, task),
    }))
    .stream('follow', methods.follow, (request, { person }, signal) => {
      sessions.own(request.session, person);
      return rooms.agent.follow(agent.calls.follow, request, { signal });
    })
    .answer('answer', methods.answer, ({ turn }, { person }) => {
      sessions.sessionOf(turn, person);
      return rooms.agent.ask(agent.calls.answer, { turn });
    })
    .answer('answerBundle', methods.answerBundle, async ({ id }, { person }) => {
      const bundle = await rooms.agent.ask(agent.calls.answerBundle, { id });
      sessions.own(bundle.answer.session, person);
      return bundle;
    })
    .answer('abilities', methods.abilities, () => rooms.agent.ask(agent.calls.abilities, {}));
  seatExplaining(desk, rooms, sessions);
}

function seatExplaining(desk: Desk, rooms: Rooms, sessions: Sessions): void {
  const turnstile = new Turnstile();
  const explaining = async (caller: Caller): Promise<string> => {
    const { person } = caller;
    const known = sessions.named(EXPLAINING, person);
    if (known !== undefined) return known;
    // A session is an entry in the log, and whoever may only read writes none.
    admitScope(caller, 'ask');
    return turnstile.pass(person, () => sessions.openNamed(EXPLAINING, person));
  };
  desk.answer('explain', methods.explain, async ({ session: own, ...call }, caller) => {
    if (own !== undefined) sessions.own(own, caller.person);
    const session = own ?? (await explaining(caller));
    return rooms.agent.ask(agent.calls.explain, { session, ...call });
  });
}

function seatSessions(desk: Desk, rooms: Rooms, sessions: Sessions): void {
  desk
    .answer('reserveSession', methods.reserveSession, (_request, { person }) => ({
      session: sessions.reserve(person),
    }))
    .answer('openSession', methods.openSession, ({ session, entries }, { person }) =>
      sessions.open(session, person, entries),
    )
    .answer('sendBlob', methods.sendBlob, (request, { person }) => {
      sessions.own(request.session, person);
      return rooms.tools.ask(tools.calls.receiveBlob, request);
    })
    .answer('readBlob', methods.readBlob, (request, { person }) => {
      sessions.own(request.session, person);
      return rooms.tools.ask(tools.calls.readBlob, request);
    })
    .answer('actuators', methods.actuators, () => rooms.tools.ask(tools.calls.actuators, {}));
}
