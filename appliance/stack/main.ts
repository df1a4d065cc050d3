import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { createLogger } from '@physiclaw/platform';
import { z } from 'zod';
import { StackError } from './error.ts';
import { Reporter } from './report.ts';
import { ownUid } from './users.ts';
import { openStack, type StackOptions } from './stack.ts';

// stack.js HOME [--port N]: starts the services of this home and keeps them running until it is
// asked to stop. The other options are those of `startStack`.
const log = createLogger('stack', 'info');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: 'string' },
    dist: { type: 'string' },
    node: { type: 'string' },
    services: { type: 'string' },
    since: { type: 'string' },
    claim: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
    'private-mounts': { type: 'boolean', default: false },
  },
});

// What else the model says of a service is for the machine's units.
const ServiceList = z.array(
  z.object({
    name: z.string().regex(/^[a-z]+$/),
    uidOffset: z.int().nonnegative(),
    groups: z.array(z.string()),
    credentials: z.array(z.string()),
    sockets: z.array(z.string()),
    network: z.enum(['none', 'host']),
    needs: z.array(z.string()),
  }),
);

const stop = new AbortController();
const end = (why: string) => stop.abort(new StackError('STACK_START_FAILED', why));
for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.on(name, () => end('asked to stop'));
const reporter = new Reporter(values.report, () => end('whoever started it has gone'));
try {
  await keep(optionsOf(process.env));
} catch (error) {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'INTERNAL';
  const message = error instanceof Error ? error.message : String(error);
  log.fatal({ err: error }, 'the stack ends');
  reporter.write({ failed: { code, message } });
  process.exitCode = 1;
} finally {
  reporter.close();
}

async function keep(options: StackOptions): Promise<void> {
  await using stack = await openStack(options, stop.signal);
  log.info({ state: stack.state }, 'all services are ready');
  reporter.write({ ready: stack.state });
  reporter.close();
  if (!stop.signal.aborted) await once(stop.signal, 'abort');
  log.info('asked to stop');
}

function optionsOf(environment: NodeJS.ProcessEnv): StackOptions {
  const [home] = positionals;
  if (home === undefined) throw new Error('expected: stack.js HOME [--port N]');
  return {
    home,
    dist: values.dist ?? dirname(process.argv[1] ?? ''),
    node: values.node ?? process.execPath,
    services: values.services ? readServices(values.services) : undefined,
    owner: ownerOf(environment),
    port: values.port ? Number(values.port) : undefined,
    // On standard input, because everybody can read a command line.
    claimCode: values.claim ? readFileSync(0, 'utf8').trim() : undefined,
    privateMounts: values['private-mounts'],
    since: Number(values.since ?? Date.now()),
    onChange: (services) => reporter.write({ services }),
  };
}

/** Whoever typed `sudo`, where somebody did. */
function ownerOf(environment: NodeJS.ProcessEnv): number {
  return ownUid() === 0 ? Number(environment['SUDO_UID'] ?? 0) : ownUid();
}

function readServices(path: string): z.infer<typeof ServiceList> {
  return ServiceList.parse(JSON.parse(readFileSync(path, 'utf8')));
}
