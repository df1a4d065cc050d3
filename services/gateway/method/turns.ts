import { agent, methods, tools } from '@physiclaw/contracts';
import type { Desk } from '../desk/desk.ts';
import type { Sessions } from '../session/session.ts';
import type { Rooms } from './rooms.ts';

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
    .answer('abilities', methods.abilities, () => rooms.agent.ask(agent.calls.abilities, {}))
    .answer('explain', methods.explain, async ({ session, ...call }, { person }) => {
      if (session !== undefined) sessions.own(session, person);
      const asked = session ?? (await sessions.open(sessions.reserve(person), person, [])).session;
      return rooms.agent.ask(agent.calls.explain, { session: asked, ...call });
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
