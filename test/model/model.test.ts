import { inference, methods } from '@physiclaw/contracts';
import { placesOf } from '@physiclaw/stack';
import { ApplianceError } from '@physiclaw/platform';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Failure } from '#appliance/cli/failure.ts';
import { Printer } from '#appliance/cli/print/printer.ts';
import type { Client } from '#appliance/cli/session/client.ts';
import { signedInClient } from '#appliance/cli/session/sign-in.ts';
import { runTurn } from '#appliance/cli/session/turn.ts';
import { openSession } from '#appliance/cli/session/workspace.ts';
import { type Stack, startStack } from '#test/e2e/stack.ts';
import { startHouse } from '#test/services/inference/house.ts';
import { allOf, person, request, scripted } from '#test/services/inference/workshop.ts';
import { type Fault, type ScriptedServer, startScriptedServer } from './scripted-server.ts';

const GENERATIONS = Number(process.env['MODEL_GENERATIONS'] ?? 200);
const TURNS = Number(process.env['MODEL_TURNS'] ?? 20);
const PATIENCE_MS = 300_000;
const FAULTS: readonly Fault[] = [
  'cut',
  'unfinished',
  'length',
  'wrong-json',
  'wrong-schema',
  'no-chunk',
  'error-in-200',
  'status-500',
  'stalled',
  'silent',
];

/** What no runbook answers, and what one does. */
const FREE = 'why do philosophers disagree about friendship';
const KNOWN = 'How full are the disks?';

let stack: Stack;
let server: ScriptedServer;
let client: Client;
beforeAll(async () => {
  stack = await startStack({ config: 'inference:\n  silenceSeconds: 1\n  patienceSeconds: 10\n' });
  server = await startScriptedServer();
  const { cliSocket, people } = placesOf(stack.home);
  client = signedInClient(cliSocket, people);
}, 120_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
});

/** What a person hears in the end: that there is an answer, or the code that says why there is none. */
async function outcomeOf(session: string, text: string): Promise<string> {
  const { answers } = placesOf(stack.home);
  const asked = { session, task: { type: 'question', text } as const, answers, wait: false };
  try {
    await runTurn(client, new Printer(true), asked);
    return 'answered';
  } catch (error) {
    return error instanceof Failure ? error.code : `broken: ${String(error)}`;
  }
}

const clear = /^(answered|MODEL_REQUIRED|INFERENCE_[A-Z_]+)$/;

test(
  'streams that are under way when servers come and go all end well',
  { timeout: PATIENCE_MS },
  async () => {
    const { as } = await startHouse();
    const [gateway, agent] = [await as('gateway'), await as('agent')];
    const servers = [await scripted(), await scripted()];
    for (const one of servers) one.answer = () => ({ next: 'go on' });
    const ends = new Map<string, number>();
    const generations = Array.from({ length: GENERATIONS }, async (_, n) => {
      await new Promise((done) => setTimeout(done, n * 5));
      const end = await endOf(allOf(agent.follow(inference.calls.generate, request)));
      ends.set(end, (ends.get(end) ?? 0) + 1);
    });
    for (let n = 0; n < GENERATIONS / 10; n += 1) {
      const { url = '' } = servers[n % 2] ?? {};
      await gateway.ask(inference.calls.use, { url, person });
      if (n % 3 === 2) await gateway.ask(inference.calls.none, { person });
    }
    await gateway.ask(inference.calls.use, { url: servers[0]?.url ?? '', person });
    await Promise.all(generations);
    process.stdout.write(`generations: ${GENERATIONS}, by end: ${JSON.stringify([...ends])}\n`);

    expect([...ends.keys()].filter((end) => end !== 'done' && end !== 'MODEL_REQUIRED')).toEqual(
      [],
    );
    expect(ends.get('done')).toBeGreaterThan(0);
  },
);

async function endOf(ended: ReturnType<typeof allOf>): Promise<string> {
  try {
    const { last } = await ended;
    return last?.type === 'failed' ? last.code : (last?.type ?? 'nothing');
  } catch (error) {
    return error instanceof ApplianceError ? error.code : String(error);
  }
}

test(
  'a server is added and taken away in mid-session, and no turn of it breaks',
  { timeout: PATIENCE_MS },
  async () => {
    const session = await openSession(client);
    const ends: string[] = [];
    const asking = (async () => {
      for (let n = 0; n < TURNS; n += 1) ends.push(await outcomeOf(session, n % 2 ? FREE : KNOWN));
    })();
    let changes = 0;
    while (ends.length < TURNS) {
      await client.call('modelUse', methods.modelUse, { url: server.url });
      await client.call('modelNone', methods.modelNone, {});
      changes += 2;
    }
    await asking;
    const broken = ends.filter((end) => !clear.test(end));
    process.stdout.write(`turns: ${TURNS}, changes: ${changes}, broken: ${broken.length}\n`);

    expect(broken).toEqual([]);
    expect(ends.filter((_, n) => n % 2 === 0)).toEqual(Array(TURNS / 2).fill('answered'));
    expect(changes).toBeGreaterThan(2);
  },
);

test.each(FAULTS)(
  'with a server that is %s a turn ends with an answer or a clear error',
  async (fault) => {
    server.fault = 'none';
    await client.call('modelUse', methods.modelUse, { url: server.url });
    server.fault = fault;
    const session = await openSession(client);

    expect(await outcomeOf(session, KNOWN)).toBe('answered');
    expect(await outcomeOf(session, FREE)).toMatch(clear);
  },
  60_000,
);

// The probe asks whether a server answers; what it says is looked at when it matters.
const UNFIT = FAULTS.filter((fault) => !fault.startsWith('wrong'));

test.each(UNFIT)(
  'a server that is %s when it is added is refused by a code',
  async (fault) => {
    await client.call('modelNone', methods.modelNone, {});
    server.fault = fault;
    const { code, value } = await stack.json('model', 'use', server.url);
    server.fault = 'none';

    expect(code).toBe(1);
    expect(value).toMatchObject({ error: { code: 'INFERENCE_PROBE_FAILED' } });
  },
  60_000,
);

test('without a model what needs one says so, with the command that adds one', async () => {
  await client.call('modelNone', methods.modelNone, {});
  const { code, out, err } = await stack.cli('ask', FREE);

  expect(code).toBe(8);
  expect(out + err).toContain('physiclaw model use');
});
