import { type Backend, type GenerationEvent, inference, type Message } from '@physiclaw/contracts';
import { ApplianceError, type Server } from '@physiclaw/platform';

type Failed = Extract<GenerationEvent, { type: 'failed' }>;

/** A model that says what a test writes. */
export class FakeInference {
  readonly backends: Backend[] = [];
  readonly asked: { messages: Message[]; schema: object }[] = [];
  /** The values it answers with, one after the other; a code is a failure. */
  readonly script: ({ value: unknown } | { code: Failed['code'] } | { refuse: string })[] = [];

  /** Answers in place of the script, by what it is shown: the same question, the same answer. */
  choose: ((messages: readonly Message[]) => unknown) | undefined;

  add(): void {
    const addedAt = new Date().toISOString();
    this.backends.push({ kind: 'openai-compatible', url: 'http://m/v1', model: 'm', addedAt });
  }

  serve(server: Server): Server {
    return server
      .answer(inference.calls.list, () => ({ backends: this.backends }))
      .stream(inference.calls.generate, ({ messages, schema }) => {
        this.asked.push({ messages, schema });
        return this.#generate(messages);
      });
  }

  async *#generate(messages: readonly Message[]): AsyncGenerator<GenerationEvent> {
    await Promise.resolve();
    if (this.backends.length === 0) throw new ApplianceError('MODEL_REQUIRED', 409, 'no model');
    const next = this.choose ? { value: this.choose(messages) } : this.script.shift();
    if (next === undefined) throw new ApplianceError('INTERNAL', 500, 'the script is over');
    if ('refuse' in next) throw new ApplianceError(next.refuse, 500, next.refuse);
    if ('code' in next) {
      yield { type: 'failed', code: next.code, message: next.code };
      return;
    }
    yield {
      type: 'done',
      value: JSON.parse(JSON.stringify(next.value)),
      repaired: false,
      inputTokens: 1,
      outputTokens: 1,
    };
  }
}
