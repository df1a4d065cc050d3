import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { createLogger, type Logger, type LogLevel } from './log.ts';
import { notify } from './notify.ts';

export interface Service extends AsyncDisposable {
  listen(): Promise<unknown>;
}

/** What a daemon is given beside its configuration. */
export interface ServiceContext {
  readonly log: Logger;
  /** Aborted when the daemon is asked to stop: ends what waits in `start`. */
  readonly signal: AbortSignal;
  /** A root secret that was handed to this service. @throws Error when it was not. */
  readonly credential: (name: string) => Buffer;
  /** The same for one that may be absent. */
  readonly optionalCredential: (name: string) => Buffer | undefined;
  /** Says for whom the daemon waits, until the next call or until it is ready. */
  readonly waiting: (what: string) => void;
  /** Says that the daemon serves; `runService` does so by itself after `listen`. */
  readonly ready: () => void;
}

type Start<Config> = (config: Config, context: ServiceContext) => Service | Promise<Service>;

const GRACE_MS = 5000;

/**
 * Runs a daemon from its validated configuration until it is asked to stop; then releases what it
 * holds. An error that nothing caught ends the process, with one line that says why: to go on in
 * a state that nobody foresaw is worse than to start again.
 */
export async function runService<Config extends { logLevel: LogLevel }>(
  schema: z.ZodType<Config>,
  start: Start<Config>,
  [configPath] = process.argv.slice(2),
): Promise<void> {
  const name = basename(configPath ?? 'unnamed', '.json');
  let log = createLogger(name, 'info');
  const fail = (err: unknown) => {
    log.fatal({ err }, 'the service ends');
    process.exit(1);
  };
  process.on('uncaughtException', fail).on('unhandledRejection', fail);
  try {
    const config = readConfig(schema, configPath);
    log = createLogger(name, config.logLevel);
    await serve(config, start, log);
    // All is let go of: what still keeps the process was forgotten.
    process.exit(0);
  } catch (error) {
    fail(error);
  }
}

async function serve<Config>(config: Config, start: Start<Config>, log: Logger): Promise<void> {
  const stop = new AbortController();
  const stopped = untilAsked(stop);
  try {
    await using service = await start(config, contextOf(log, stop.signal));
    await Promise.race([service.listen(), stopped]);
    if (!stop.signal.aborted) notify('READY=1');
    await stopped;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    // What waited for somebody could only fail; what could not be released, the end releases.
    log.info({ err: error }, 'stopped on the way');
  }
}

async function untilAsked(stop: AbortController): Promise<void> {
  // For good, so that a second request does not kill what the first began to let go of.
  await new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, resolve);
  });
  stop.abort(new Error('asked to stop'));
  // Whatever does not let go in time is cut: every state on the disk survives that.
  setTimeout(() => process.exit(0), GRACE_MS).unref();
}

function contextOf(log: Logger, signal: AbortSignal): ServiceContext {
  const folder = process.env['CREDENTIALS_DIRECTORY'];
  const optionalCredential = (name: string) =>
    folder === undefined ? undefined : readOptional(join(folder, name));
  return {
    log,
    signal,
    optionalCredential,
    credential(name) {
      const found = optionalCredential(name);
      if (found === undefined) throw new Error(`the credential ${name} was not handed over`);
      return found;
    },
    waiting(what) {
      log.info({ what }, 'waiting');
      notify(`STATUS=waiting for ${what}`);
    },
    ready: () => notify('READY=1'),
  };
}

/** @throws Error that names the file and each wrong key, before anything is opened. */
function readConfig<Config>(schema: z.ZodType<Config>, path: string | undefined): Config {
  if (path === undefined) throw new Error('expected the path of a configuration file');
  const { error, data } = schema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (error) throw new Error(`${path}\n${z.prettifyError(error)}`);
  return data;
}

function readOptional(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
