import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { SealError } from '../error.ts';

/** A secret that one TPM gives back under one state of its registers, and the key that wraps it. */
export interface SealedObject {
  /** PEM of the primary key: another TPM, or whoever sits between, has another one. */
  readonly primary: string;
  readonly public: string;
  readonly private: string;
}

// The firmware's and the owner's keys, and kernel arguments that the image does not hold itself.
const REGISTERS = 'sha256:7,12';
const TIMEOUT_MS = 60_000;
const POLICY_FAILED = '0x99D';
// Of an object that was wrapped by another key: TPM_RC_INTEGRITY.
const INTEGRITY_FAILED = '0x1DF';

/**
 * One TPM, by tpm2-tools. It is used without a resource manager, because sessions outlive one
 * command; so nobody else may use it meanwhile.
 *
 * What is read on the bus is encrypted: each session is salted with the primary key.
 */
export class Tpm implements AsyncDisposable {
  readonly #tcti: string;
  readonly #folder: string;

  private constructor(tcti: string, folder: string) {
    this.#tcti = tcti;
    this.#folder = folder;
  }

  /** `tcti` as tpm2-tools take it. */
  static async open(tcti = 'device:/dev/tpm0'): Promise<Tpm> {
    const tpm = new Tpm(tcti, await mkdtemp(join(tmpdir(), 'tpm-')));
    for (const kind of ['-t', '-l', '-s']) await tpm.#run('tpm2_flushcontext', kind);
    return tpm;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** A register of the bank of SHA-256, in hexadecimal. */
  async register(index: number): Promise<string> {
    const text = await this.#run('tpm2_pcrread', `sha256:${index}`);
    const value = /: 0x([0-9A-F]{64})/i.exec(text.toString())?.[1];
    if (value === undefined) throw failed('tpm2_pcrread', 'no register of 32 bytes');
    return value.toLowerCase();
  }

  /** Mixes a digest (hexadecimal) into a register, until the next boot. */
  async extend(index: number, digest: string): Promise<void> {
    await this.#run('tpm2_pcrextend', `${index}:sha256=${digest}`);
  }

  /** Binds a secret to this TPM and to what its registers hold now. */
  async seal(secret: Uint8Array): Promise<SealedObject> {
    const primary = await this.#primary();
    await this.#run('tpm2_startauthsession', '-S', this.#at('trial'));
    await this.#policy('trial', '-L', this.#at('policy'));
    await this.#forget('trial');
    await this.#session('hmac', '--hmac-session', '--enable-decrypt');
    const [publicPart, privatePart] = [this.#at('public'), this.#at('private')];
    const parts = ['-u', publicPart, '-r', privatePart];
    const under = ['-C', this.#at('primary'), '-L', this.#at('policy'), '-S', this.#at('hmac')];
    await this.#pipe(['tpm2_create', '-Q', '-i', '-', ...under, ...parts], secret);
    await this.#forget('hmac');
    return {
      primary,
      public: await readFile(publicPart, 'base64'),
      private: await readFile(privatePart, 'base64'),
    };
  }

  /**
   * @throws SealError SEAL_TPM_FOREIGN when another TPM sealed it.
   * @throws SealError SEAL_TPM_REFUSED when the registers hold something else than then.
   */
  async unseal(sealed: SealedObject): Promise<Buffer> {
    if ((await this.#primary()) !== sealed.primary) {
      const message = 'expected the TPM that sealed it, found another; give the recovery key';
      throw new SealError('SEAL_TPM_FOREIGN', message);
    }
    await writeFile(this.#at('public'), sealed.public, 'base64');
    await writeFile(this.#at('private'), sealed.private, 'base64');
    const parts = ['-u', this.#at('public'), '-r', this.#at('private')];
    await this.#run('tpm2_load', '-Q', '-C', this.#at('primary'), ...parts, '-c', this.#at('key'));
    await this.#flush();
    await this.#session('unseal', '--policy-session', '--enable-encrypt');
    await this.#policy('unseal');
    const session = `session:${this.#at('unseal')}`;
    const secret = await this.#run('tpm2_unseal', '-c', this.#at('key'), '-p', session);
    await this.#forget('unseal');
    return secret;
  }

  /** Makes the primary key, which is the same each time, and answers with its public half. */
  async #primary(): Promise<string> {
    const [context, pem] = [this.#at('primary'), this.#at('primary.pem')];
    const key = ['-C', 'o', '-g', 'sha256', '-G', 'ecc256', '-c', context, '-f', 'pem', '-o', pem];
    await this.#run('tpm2_createprimary', '-Q', ...key);
    await this.#flush();
    return readFile(pem, 'utf8');
  }

  async #session(name: string, kind: string, encryption: string): Promise<void> {
    const session = this.#at(name);
    await this.#run('tpm2_startauthsession', kind, '-S', session, '-c', this.#at('primary'));
    await this.#flush();
    await this.#run('tpm2_sessionconfig', session, encryption);
  }

  #policy(session: string, ...more: string[]): Promise<Buffer> {
    return this.#run('tpm2_policypcr', '-Q', '-S', this.#at(session), '-l', REGISTERS, ...more);
  }

  async #forget(session: string): Promise<void> {
    await this.#flush();
    await this.#run('tpm2_flushcontext', this.#at(session));
  }

  /** Its few places for objects are filled by each command that loads one. */
  async #flush(): Promise<void> {
    await this.#run('tpm2_flushcontext', '-t');
  }

  #at(name: string): string {
    return join(this.#folder, name);
  }

  #run(...command: [string, ...string[]]): Promise<Buffer> {
    return this.#pipe(command, new Uint8Array());
  }

  async #pipe([program, ...args]: [string, ...string[]], input: Uint8Array): Promise<Buffer> {
    const {
      failed: isFailed,
      stdout,
      stderr,
    } = await execa(`/usr/bin/${program}`, args, {
      input,
      encoding: 'buffer',
      // One secret in 256 ends like a line.
      stripFinalNewline: false,
      env: { TPM2TOOLS_TCTI: this.#tcti, TSS2_LOG: 'all+NONE', PATH: '' },
      extendEnv: false,
      timeout: TIMEOUT_MS,
      reject: false,
    });
    if (!isFailed) return Buffer.from(stdout);
    const why = Buffer.from(stderr ?? [])
      .toString()
      .trim();
    if (!why.includes(POLICY_FAILED) && !why.includes(INTEGRITY_FAILED)) throw failed(program, why);
    const message = `expected the firmware's state and the kernel arguments of the sealing, found others (${why.split('\n')[0] ?? ''}); start the released image without further arguments, or give the recovery key`;
    throw new SealError('SEAL_TPM_REFUSED', message);
  }
}

function failed(program: string, why: string): SealError {
  const message = `expected ${program} to succeed, found: ${why || 'no answer'}; look whether the machine has a TPM 2.0 that is switched on`;
  return new SealError('SEAL_TPM_FAILED', message);
}
