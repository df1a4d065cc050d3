import { methods, type Method, Scope } from '@physiclaw/contracts';
import { placesOf } from '@physiclaw/stack';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client, type MethodName } from '#appliance/cli/session/client.ts';
import { signedInClient } from '#appliance/cli/session/sign-in.ts';
import { type Stack, startStack } from '../e2e/stack.ts';

// Every method but those that say nothing that is secret, and the routes of the HTTP door.
const guarded = Object.entries(methods as Record<string, Method>).flatMap(([name, { scope }]) =>
  isName(name) && scope !== 'public' ? [{ name, scope }] : [],
);
const routes = [
  { path: '/metrics', method: 'GET', scope: 'read' },
  { path: '/metrics/audit', method: 'GET', scope: 'read' },
  { path: '/v1/models', method: 'GET', scope: 'read' },
  { path: '/v1/chat/completions', method: 'POST', scope: 'ask' },
  { path: '/v1/turns/t-0/events', method: 'GET', scope: 'ask' },
] as const;

const cleanUp = new AsyncDisposableStack();
let stack: Stack;
const tokens = new Map<Scope, string>();
beforeAll(async () => {
  stack = cleanUp.use(await startStack());
  const { cliSocket, people } = placesOf(stack.home);
  const owner = signedInClient(cliSocket, people);
  for (const scope of Scope.options) {
    const asked = { name: scope, scopes: [scope] };
    const { token } = await owner.call('tokenCreate', methods.tokenCreate, asked);
    tokens.set(scope, token);
  }
});
afterAll(() => cleanUp.disposeAsync());

test('each method refuses a token without its scope, and with every other one', async () => {
  const refused = await everyPair(
    guarded,
    ({ name, scope }, has) => has !== scope && codeOf(name, has),
  );
  process.stdout.write(
    `edges: ${guarded.length} methods, ${refused.length} tokens without the scope\n`,
  );

  expect(refused).toHaveLength(guarded.length * (Scope.options.length - 1));
  expect(refused.filter(({ code }) => code !== 'GATEWAY_SCOPE_MISSING')).toEqual([]);
});

test('each method reads what a token with its scope asks', async () => {
  const read = await everyPair(
    guarded,
    ({ name, scope }, has) => has === scope && codeOf(name, has),
  );

  expect(read).toHaveLength(guarded.length);
  expect(read.filter(({ code }) => code !== 'BAD_REQUEST')).toEqual([]);
});

test('each route of the HTTP door refuses a token without its scope', async () => {
  const told = await everyPair(routes, ({ path, method }, has) => statusOf(path, method, has));
  const missing = told.filter(({ of, has }) => of.scope !== has);
  const given = told.filter(({ of, has }) => of.scope === has);

  expect(missing.filter(({ code }) => code !== 'GATEWAY_SCOPE_MISSING')).toEqual([]);
  expect(given.map(({ code }) => code)).not.toContain('GATEWAY_SCOPE_MISSING');
});

test('nothing but the greeting is to be had without a token', async () => {
  const told = await Promise.all(routes.map(({ path, method }) => statusOf(path, method)));

  expect(told).toEqual(routes.map(() => 'GATEWAY_SIGN_IN_REQUIRED'));
});

interface Pair<Of> {
  readonly of: Of;
  readonly has: Scope;
  readonly code: string;
}

/** Tries each door with each token of a single scope that `ask` does not leave out. */
async function everyPair<Of>(
  doors: readonly Of[],
  ask: (door: Of, has: Scope) => Promise<string> | false,
): Promise<Pair<Of>[]> {
  const pairs: Pair<Of>[] = [];
  for (const of of doors) {
    for (const has of Scope.options) {
      const code = await ask(of, has);
      if (code !== false) pairs.push({ of, has, code });
    }
  }
  return pairs;
}

async function codeOf(name: MethodName, has: Scope): Promise<string> {
  const { cliSocket } = placesOf(stack.home);
  const client = new Client(cliSocket, async () => Promise.resolve(tokens.get(has) ?? ''));
  try {
    const method: Method = methods[name];
    await client.call(name, method, { nonsense: true });
    return 'none';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

async function statusOf(path: string, method: string, has?: Scope): Promise<string> {
  const authorization =
    has === undefined ? {} : { authorization: `Bearer ${tokens.get(has) ?? ''}` };
  const response = await fetch(`http://localhost:${stack.port}${path}`, {
    method,
    headers: { ...authorization, 'content-type': 'application/json' },
    ...(method === 'POST' && { body: '{"nonsense":true}' }),
  });
  const text = await response.text();
  const [, code = String(response.status)] = /"code":"([A-Z_]+)"/.exec(text) ?? [];
  return code;
}

function isName(name: string): name is MethodName {
  return name in methods;
}
