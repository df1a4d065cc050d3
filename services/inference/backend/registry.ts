import { existsSync, readFileSync } from 'node:fs';
import { json } from 'node:stream/consumers';
import { audit, Backend, type SpiffeId } from '@physiclaw/contracts';
import { type Peer, writeDurable } from '@physiclaw/platform';
import { digestOf } from '@physiclaw/proof';
import { z } from 'zod';
import { InferenceError } from '../errors.ts';
import { type Address, addressOf } from './address.ts';
import { BackendFailure } from './failure.ts';
import { chat } from './chat.ts';
import { ask } from './request.ts';

const Models = z.object({ data: z.array(z.object({ id: z.string() })).min(1) });
const PROBE_SCHEMA = {
  type: 'object',
  properties: { ready: { type: 'boolean' } },
  required: ['ready'],
  additionalProperties: false,
};

export interface RegistryOptions {
  readonly log: Pick<Peer, 'ask'>;
  /** Where the backend in use is kept. Who can write it chooses which server sees the prompts. */
  readonly path: string;
  readonly silenceMs: number;
}

/** The model server in use. A change is in the log before it counts. */
export class Registry {
  readonly #options: RegistryOptions;
  #backend: Backend | undefined;

  constructor(options: RegistryOptions) {
    this.#options = options;
    if (existsSync(options.path)) {
      this.#backend = Backend.optional().parse(
        JSON.parse(readFileSync(options.path, 'utf8')) ?? undefined,
      );
    }
  }

  /** @throws InferenceError MODEL_REQUIRED when none was added. */
  required(): { backend: Backend; address: Address } {
    if (this.#backend) return { backend: this.#backend, address: addressOf(this.#backend.url) };
    throw new InferenceError(
      'MODEL_REQUIRED',
      'this needs a language model, and none was added: physiclaw model use http://HOST:PORT/v1',
    );
  }

  get backends(): Backend[] {
    return this.#backend ? [this.#backend] : [];
  }

  /**
   * Asks the server what it has and for one answer by schema, then uses it, unless whoever asked
   * went away in between: nobody would know.
   *
   * @throws InferenceError INFERENCE_URL_INVALID, INFERENCE_PROBE_FAILED, INFERENCE_MODEL_UNKNOWN
   */
  async use(
    request: { url: string; model?: string | undefined; person: SpiffeId },
    { signal: gone }: { signal?: AbortSignal } = {},
  ): Promise<Backend> {
    const { url, person } = request;
    const address = addressOf(url);
    const model = await this.#probe(address, request.model, gone);
    gone?.throwIfAborted();
    const backend: Backend = {
      kind: 'openai-compatible',
      url,
      model,
      addedAt: new Date().toISOString(),
    };
    const event = { kind: 'model', verb: 'used', model, url: digestOf(url), person } as const;
    await this.#options.log.ask(audit.calls.append, { event });
    await this.#keep(backend);
    return backend;
  }

  async none(person: SpiffeId): Promise<Backend | undefined> {
    const removed = this.#backend;
    if (removed === undefined) return undefined;
    const event = { kind: 'model', verb: 'removed', model: removed.model, person } as const;
    await this.#options.log.ask(audit.calls.append, { event });
    await this.#keep(undefined);
    return removed;
  }

  async #keep(backend: Backend | undefined): Promise<void> {
    await writeDurable(this.#options.path, Buffer.from(JSON.stringify(backend ?? null)), {
      mode: 0o600,
    });
    this.#backend = backend;
  }

  async #probe(
    address: Address,
    wanted: string | undefined,
    gone: AbortSignal | undefined,
  ): Promise<string> {
    const { silenceMs } = this.#options;
    const patience = AbortSignal.timeout(2 * silenceMs);
    const signal = gone ? AbortSignal.any([gone, patience]) : patience;
    try {
      const head = await ask(address, { method: 'GET', path: '/models', silenceMs, signal });
      const names = Models.parse(await json(head)).data.map(({ id }) => id);
      const model = wanted ?? names[0] ?? '';
      if (!names.includes(model)) throw unknownModel(model, names);
      const messages = [{ role: 'user', content: 'Answer with {"ready": true}.' }] as const;
      const canary = { model, messages, schema: PROBE_SCHEMA, maxTokens: 32, silenceMs, signal };
      // A list of models is no proof that one answers. What it says here is not looked at.
      for await (const piece of chat(address, canary)) if (piece.type === 'end') break;
      return model;
    } catch (cause) {
      if (cause instanceof InferenceError) throw cause;
      throw new InferenceError(
        'INFERENCE_PROBE_FAILED',
        `the server did not pass: ${reason(cause)}`,
        {
          cause,
        },
      );
    }
  }
}

function unknownModel(model: string, names: readonly string[]): InferenceError {
  const message = `expected one of ${names.slice(0, 20).join(', ')}; found ${model}`;
  return new InferenceError('INFERENCE_MODEL_UNKNOWN', message);
}

function reason(cause: unknown): string {
  return cause instanceof BackendFailure
    ? cause.message
    : 'expected an OpenAI-compatible list of models';
}
