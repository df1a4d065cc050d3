import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { methods } from '@physiclaw/contracts';
import { expect, onTestFinished, test } from 'vitest';
import { Client } from '#appliance/cli/session/client.ts';

/** A gateway that answers each call alike. */
async function gateway(answer: (response: ServerResponse) => void): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'client-'));
  const socket = join(folder, 'cli.sock');
  const server = createServer((_request, response) => answer(response));
  await new Promise<void>((done) => server.listen(socket, done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return socket;
}

const signedIn = (socket: string) => new Client(socket, () => Promise.resolve('credential'));
const refusing = (status: number, body: unknown) =>
  gateway((response) => {
    response.writeHead(status).end(JSON.stringify(body));
  });
const abilities = (socket: string) => signedIn(socket).call('abilities', methods.abilities, {});
const follow = async (socket: string) => {
  const question = { session: `s-${'0'.repeat(32)}`, turn: `t-${'0'.repeat(32)}` };
  const names: string[] = [];
  for await (const { name } of signedIn(socket).follow('follow', methods.follow, question)) {
    names.push(name);
  }
  return names;
};

test.each([
  ['POLICY_CALL_DENIED', 5],
  ['TOOLS_SANDBOX_MISSING', 5],
  ['PEER_UNREACHABLE', 7],
  ['MODEL_REQUIRED', 8],
  ['GATEWAY_SCOPE_MISSING', 1],
  ['INTERNAL', 1],
])('%s ends the command with %i', async (code, exitCode) => {
  const socket = await refusing(500, { code, message: 'why' });

  await expect(abilities(socket)).rejects.toMatchObject({ code, exitCode, message: 'why' });
});

test('a gateway that is not there is told apart, with what to do', async () => {
  await expect(abilities('/nowhere/cli.sock')).rejects.toMatchObject({
    code: 'STACK_UNREACHABLE',
    exitCode: 7,
    message: expect.stringContaining('`up` starts it'),
  });
});

test('an answer outside the contract is not taken', async () => {
  const socket = await refusing(200, { planner: 'magic' });

  await expect(abilities(socket)).rejects.toThrow('planner');
});

test('a refusal that is none is a fault of its own', async () => {
  const socket = await refusing(500, { surprise: true });

  await expect(abilities(socket)).rejects.toMatchObject({ code: 'GATEWAY_UNREADABLE' });
});

test('a call that needs a sign-in is not sent without one', async () => {
  await expect(
    new Client('/nowhere').call('abilities', methods.abilities, {}),
  ).rejects.toMatchObject({ code: 'SIGN_IN_REQUIRED' });
});

const event = {
  session: `s-${'0'.repeat(32)}`,
  turn: `t-${'0'.repeat(32)}`,
  sequence: 0,
  at: '2026-11-21T00:00:00Z',
  name: 'tool.started',
  data: {},
};

test('a stream gives its events one by one', async () => {
  const socket = await gateway((response) => {
    response.end(`${JSON.stringify(event)}\n${JSON.stringify(event)}\n`);
  });

  expect(await follow(socket)).toEqual(['tool.started', 'tool.started']);
});

test('a stream that ends in a refusal throws it', async () => {
  const error = { code: 'PEER_UNREACHABLE', message: 'agent is away' };
  const socket = await gateway((response) => {
    response.end(`${JSON.stringify(event)}\n${JSON.stringify({ error })}\n`);
  });

  await expect(follow(socket)).rejects.toMatchObject({ code: 'PEER_UNREACHABLE', exitCode: 7 });
});
