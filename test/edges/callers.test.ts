import { join } from 'node:path';
import {
  agent,
  type Api,
  audit,
  type Call,
  identity,
  inference,
  policy,
  siem,
  tools,
} from '@physiclaw/contracts';
import { services } from '@physiclaw/machine';
import { ApplianceError, Peer } from '@physiclaw/platform';
import { placesOf } from '@physiclaw/stack';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../e2e/stack.ts';
import { openThief, trustDomain } from './thief.ts';

const apis: readonly Api[] = [agent, audit, identity, inference, policy, siem, tools];
const names = [...services.map(({ name }) => name), 'nobody', 'agent/child'];

/** What came of one question that no contract has. */
interface Asked {
  readonly call: string;
  readonly caller: string;
  readonly listed: boolean;
  readonly code: string;
}

const cleanUp = new AsyncDisposableStack();
let stack: Stack;
let asked: Asked[];
beforeAll(async () => {
  stack = cleanUp.use(await startStack({ config: 'siem: { bySignature: true }\n' }));
  const svidOf = await openThief(stack.home);
  const rounds = await Promise.all(
    names.map(async (caller) => {
      const svid = await svidOf(caller);
      const answers = apis.map(async (api) => askAll(api, caller, svid));
      return (await Promise.all(answers)).flat();
    }),
  );
  asked = rounds.flat();
});
afterAll(() => cleanUp.disposeAsync());

async function askAll(
  api: Api,
  caller: string,
  svid: ConstructorParameters<typeof Peer>[1]['svid'],
): Promise<Asked[]> {
  const socket = join(placesOf(stack.home).run, `${api.service}.sock`);
  using peer = new Peer(api, { socket, svid, trustDomain });
  const answers: Asked[] = [];
  for (const call of Object.values(api.calls)) {
    const listed = call.callers.includes(caller);
    const code = await codeOf(peer, call);
    answers.push({ call: `${api.service}.${call.name}`, caller, listed, code });
  }
  return answers;
}

async function codeOf(peer: Peer, call: Call): Promise<string> {
  try {
    await peer.ask(call, { nonsense: true });
    return 'none';
  } catch (error) {
    return error instanceof ApplianceError ? error.code : String(error);
  }
}

test('each call refuses every service that is not on its list', () => {
  const strangers = asked.filter(({ listed }) => !listed);
  process.stdout.write(
    `edges: ${new Set(asked.map(({ call }) => call)).size} calls, ${strangers.length} strangers refused\n`,
  );

  expect(strangers.length).toBeGreaterThan(100);
  expect(strangers.filter(({ code }) => code !== 'CALLER_REFUSED')).toEqual([]);
});

test('each call reads the question of every service on its list', () => {
  const guests = asked.filter(({ listed }) => listed);
  const called = new Set(guests.map(({ call }) => call));

  expect(guests.filter(({ code }) => code !== 'BAD_REQUEST')).toEqual([]);
  expect(called).toEqual(new Set(asked.map(({ call }) => call)));
});
