import { randomBytes } from 'node:crypto';
import { type FSWatcher, lstatSync, readFileSync, unlinkSync, watch, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Receipt, SignedResume } from '@physiclaw/contracts';
import { codeOf } from '@physiclaw/platform';
import { demand } from '../errors.ts';
import type { Log, LogOptions } from '../log/log.ts';
import { signerOf } from '../people/directory.ts';

const LOOK_MS = 200;

export interface KillSwitchOptions extends Pick<LogOptions, 'events' | 'bell' | 'logger'> {
  readonly file: string;
  readonly log: Log;
}

/**
 * The kill state. It begins when the kill file appears, by whoever could write it, and ends by an
 * enrolled person's signature only: taking the file away is not enough. It never waits for the log.
 * Without the folder of the file it does not start.
 */
export class KillSwitch implements Disposable {
  readonly #options: KillSwitchOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #watcher: FSWatcher;
  #kill: string | undefined;
  // Settled once the log or our own disk has the entry of the kill state.
  #told: Promise<void> | undefined;

  constructor(options: KillSwitchOptions) {
    const { events } = options;
    this.#options = options;
    const open = events.all('kill').find(({ event }) => !events.latest('resume', event.kill));
    this.#kill = open?.event.kill;
    this.#told = open && Promise.resolve();
    this.#timer = setInterval(() => this.look(), LOOK_MS);
    // Looking five times a second finds the file too; this finds it at once.
    this.#watcher = watch(dirname(options.file), () => this.look());
    this.#watcher.on('error', (error) => options.logger.warn({ err: error }, 'folder unwatched'));
    this.look();
  }

  /** The id of the kill state, if there is one now. */
  look(): string | undefined {
    const { file, bell, logger } = this.#options;
    if (this.#kill === undefined && lying(file) !== undefined) {
      this.#kill = `k-${randomBytes(16).toString('hex')}`;
      logger.error({ kill: this.#kill }, 'killed');
      bell.ring();
    }
    if (this.#kill !== undefined) this.#told ??= this.#tell(this.#kill);
    return this.#kill;
  }

  /** Lays the kill file down for somebody, whom it then names. @returns the id of the kill state. */
  kill(person: string): string | undefined {
    const { file } = this.#options;
    if (lying(file) === undefined) writeFileSync(file, person);
    return this.look();
  }

  /**
   * Ends this kill state. The entry comes first; a file that was written anew meanwhile begins
   * the next kill state.
   *
   * @throws PolicyError POLICY_NOT_KILLED, POLICY_SIGNATURE_INVALID, POLICY_KEY_UNKNOWN.
   */
  async resume(signed: SignedResume): Promise<Receipt> {
    const { file, events, log, bell } = this.#options;
    const { kill } = signed.statement;
    const lasting = `expected a word on ${this.look() ?? 'no kill state'}, found one on ${kill}`;
    demand(this.look() === kill, 'POLICY_NOT_KILLED', `${lasting}: see \`physiclaw status\``);
    signerOf(signed, events);
    const seen = lying(file);
    await this.#told;
    const receipt = await log.append({ kind: 'resume', kill, signed });
    if (seen !== undefined && lying(file) === seen) unlinkSync(file);
    this.#kill = undefined;
    this.#told = undefined;
    bell.ring();
    return receipt;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#watcher.close();
  }

  async #tell(kill: string): Promise<void> {
    const { file, log, logger } = this.#options;
    const event = { kind: 'kill', kill, by: labelIn(file), at: new Date().toISOString() } as const;
    try {
      await log.record(event, [`kill:${kill}`]);
    } catch (error) {
      // No room anywhere: the state lasts all the same, and the next look tries again.
      logger.error({ err: error, kill }, 'kill not recorded');
      this.#told = undefined;
    }
  }
}

/** Which file lies there, if any does. What cannot be looked at is taken for there. */
function lying(path: string): string | undefined {
  try {
    const { ino, mtimeNs } = lstatSync(path, { bigint: true });
    return `${ino} ${mtimeNs}`;
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? undefined : 'hidden';
  }
}

/** Who killed, by his own word: a label for people to read, and nothing more. */
function labelIn(path: string): string {
  try {
    const text = readFileSync(path, 'utf8').slice(0, 128);
    return text.replaceAll(/[^\x21-\x7e]+/g, ' ').trim() || 'file';
  } catch {
    // It may have been taken away already, or not be ours to read.
    return 'file';
  }
}
