import { createHash } from 'node:crypto';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { killFileOf } from '@physiclaw/machine';
import { isRefusal } from './error.ts';
import { ownUid } from './users.ts';

/** Where everything of one stack lies on this machine: absolute paths, as its owner sees them. */
export interface Places {
  readonly home: string;
  readonly config: string;
  /** The log's key, the authority and the trust bundle, as genesis made them. */
  readonly anchors: string;
  /** The log itself: tiles, entries, checkpoint. */
  readonly log: string;
  /** One folder for each service. */
  readonly state: string;
  /** The folder of exports that the configuration calls `reports` unless it says otherwise. */
  readonly exports: string;
  readonly killFile: string;
  /** A folder for each person who uses the command line: no service can read it. */
  readonly people: string;
  /** Answers that the command line kept, to be verified with no service running. */
  readonly answers: string;
  readonly logs: string;
  /** The folder of sockets, short whatever the length of `home`. */
  readonly run: string;
  /** What the stack says of itself: see `readState`. */
  readonly stateFile: string;
  readonly cliSocket: string;
}

/**
 * The places of the stack that belongs to this PHYSICLAW_HOME, whether or not it was ever started,
 * and whoever asks.
 */
export function placesOf(folder: string): Places {
  const home = realPath(resolve(folder));
  const run = runFolderOf(home);
  return {
    home,
    config: join(home, 'config.yaml'),
    anchors: join(home, 'anchors'),
    log: join(home, 'state', 'audit', 'log'),
    state: join(home, 'state'),
    exports: join(home, 'exports'),
    killFile: killFileOf(home),
    people: join(home, 'people'),
    answers: join(home, 'answers'),
    logs: join(home, 'logs'),
    run,
    stateFile: join(run, 'stack.json'),
    cliSocket: join(run, 'cli.sock'),
  };
}

/** A name for what belongs to this home where names are short and shared by the whole machine. */
export function nameOf(home: string): string {
  return `physiclaw-${createHash('sha256').update(home).digest('hex').slice(0, 8)}`;
}

/** Named for whom the home belongs to, so that every user finds the same one. */
function runFolderOf(home: string): string {
  const name = nameOf(home);
  const uid = statSync(home, { throwIfNoEntry: false })?.uid ?? ownUid();
  if (uid === 0) return join('/run', name);
  const own = `/run/user/${uid}`;
  return join(existsSync(own) ? own : '/tmp', name.replace('-', `-${uid}-`));
}

/** The path without symbolic links, so that one folder has one name; its end may not exist yet. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (!isRefusal(error, 'ENOENT') || path === '/') throw error;
    return join(realPath(dirname(path)), basename(path));
  }
}
