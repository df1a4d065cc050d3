import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { GenerationEvent } from '@physiclaw/contracts';
import { commonErrors } from '@physiclaw/platform';
import { allExtensions } from 'dependency-cruiser';
import { describe, expect, test } from 'vitest';
import { apis, services, workspaces } from './workspaces.ts';

describe.each(services)('$dir', ({ dir, name }) => {
  test.each(['README.md', 'main.ts', 'config.ts', 'server.ts'])('has %s', (file) => {
    expect(existsSync(`${dir}/${file}`)).toBe(true);
  });

  test('is named after its folder', () => {
    expect(name).toBe(`@physiclaw/${basename(dir)}`);
  });
});

// Without a compiler that it knows, dependency-cruiser finds no module and no fault.
test('the import rules can read TypeScript', () => {
  expect(allExtensions).toContainEqual({ extension: '.ts', available: true });
});

test('every service has a contract and every contract a service', () => {
  expect(apis.map(({ service }) => service).toSorted()).toEqual(
    services.map(({ dir }) => basename(dir)).toSorted(),
  );
});

/** Codes that a service refuses nobody with: they stand in events, answers and the log. */
const told: Readonly<Record<string, readonly string[]>> = {
  agent: ['AGENT_UNDECIDED', 'AGENT_RECEIPT_FOREIGN'],
  inference: GenerationEvent.options.flatMap((event) =>
    'code' in event.shape ? event.shape.code.options : [],
  ),
};

describe.each(apis)('$service', ({ service, errors }) => {
  const codes = [...Object.keys(errors), ...(told[service] ?? [])];

  test('its README explains every code', () => {
    const readme = readFileSync(`services/${service}/README.md`, 'utf8');
    const explained = [...readme.matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, code]) => code);

    // What any service may answer with is explained once, where people come in.
    const common = service === 'gateway' ? Object.keys(commonErrors) : [];
    expect(explained).toEqual([...codes, ...common]);
  });

  test('each of its codes is expected by some test', () => {
    const tests = globSync('test/**/*.ts')
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    const untested = codes.filter((code) => !tests.includes(code));

    expect(untested).toEqual([]);
  });
});

test('workspaces depend on each other without a cycle', () => {
  const edges = new Map(workspaces.map(({ name, dependencies }) => [name, dependencies]));

  expect(cycleIn(edges)).toEqual([]);
});

test('services call each other without a cycle', () => {
  const calls = new Map<string, string[]>();
  for (const { service, calls: offered } of apis) {
    for (const caller of Object.values(offered).flatMap(({ callers }) => callers)) {
      calls.set(caller, [...(calls.get(caller) ?? []), service]);
    }
  }
  expect(cycleIn(calls)).toEqual([]);
});

test('every unit test mirrors the file it tests, or a part of it', () => {
  const strays = globSync('test/{appliance,offline-bundle,services}/**/*.test.ts').filter(
    (file) => !existsSync(sourceOf(file)),
  );
  expect(strays).toEqual([]);
});

/** The names along a cycle, or none. */
function cycleIn(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const visit = (name: string, path: string[]): string[] => {
    if (path.includes(name)) return [...path, name];
    if (done.has(name)) return [];
    done.add(name);
    const next = edges.get(name) ?? [];
    return next.map((to) => visit(to, [...path, name])).find(({ length }) => length > 0) ?? [];
  };
  return [...edges.keys()].map((name) => visit(name, [])).find(({ length }) => length > 0) ?? [];
}

/** `merkle/proofs.verify.test.ts` is of a part of `merkle/proofs.ts`, where there is no such file. */
function sourceOf(file: string): string {
  const source = file.replace(/^test\//, '').replace('.test.ts', '.ts');
  return existsSync(source) ? source : source.replace(/\.[a-z-]+\.ts$/, '.ts');
}
