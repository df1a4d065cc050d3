import { openDatabase } from '@physiclaw/platform';
import { expect, onTestFinished, test } from 'vitest';
import { SESSION_TABLE, Sessions } from '#services/agent/session/sessions.ts';

const session = `s-${'1'.repeat(32)}`;
const begun = {
  session,
  principal: 'spiffe://d/people/ada',
  tree: '0'.repeat(64),
  delegation: 'AA==',
};

test('a session keeps its key over a restart', () => {
  const { sessions, reopened } = open();
  const { did } = sessions.open(session);
  sessions.begin(begun);

  expect(reopened().get(session)).toMatchObject({ principal: begun.principal, signer: { did } });
});

test('a session that has not begun can do nothing', () => {
  const { sessions } = open();
  sessions.open(session);

  expect(() => sessions.get(session)).toThrow(
    expect.objectContaining({ code: 'AGENT_SESSION_UNKNOWN' }),
  );
});

test('a name is opened once', () => {
  const { sessions } = open();
  sessions.open(session);

  expect(() => sessions.open(session)).toThrow(
    expect.objectContaining({ code: 'AGENT_SESSION_EXISTS' }),
  );
});

test('a session begins once, and for one person', () => {
  const { sessions } = open();
  sessions.open(session);
  sessions.begin(begun);
  const again = () => sessions.begin({ ...begun, principal: 'spiffe://d/people/eve' });

  expect(again).toThrow(expect.objectContaining({ code: 'AGENT_SESSION_UNKNOWN' }));
  expect(sessions.get(session).principal).toBe(begun.principal);
});

function open() {
  const db = openDatabase(':memory:', [SESSION_TABLE]);
  onTestFinished(() => void db.close());
  return { sessions: new Sessions(db), reopened: () => new Sessions(db) };
}
