import { ActuatorReply, inference, tools } from '@physiclaw/contracts';
import { ApplianceError, type Peer } from '@physiclaw/platform';
import { canonicalize } from '@physiclaw/proof';
import { z } from 'zod';
import { AnswerBook } from '../answer/answer-book.ts';
import { act } from '../gate/act.ts';
import { patiently } from '../gate/patience.ts';
import { readReply } from '../gate/reply.ts';
import type { Acted } from '../gate/result.ts';
import type { Planned, Turn } from '../turn/turn.ts';
import { titleOf } from '../turn/title.ts';
import { Choice, choiceSchema } from './choice.ts';
import { type Observation, pack } from './context.ts';
import { cutProse, type Source } from './prose.ts';

type Call = Extract<Choice, { call: string }>;

/** What a model answered, as it is kept: its choice, or why there is none. */
const Answered = z.union([Choice, z.strictObject({ failed: z.string(), message: z.string() })]);
type Answered = z.infer<typeof Answered>;

type Ended = Exclude<Answered, Call> | { readonly stopped: string };

interface Thinking {
  readonly question: string;
  readonly book: AnswerBook;
  readonly model: Peer;
}

export interface FreeOptions {
  readonly question: string;
  readonly model: Peer;
  /** Carries the turn on when the model failed. @throws `failure` where no runbook answers. */
  readonly fallBack: (book: AnswerBook, failure: ApplianceError) => Promise<Planned>;
}

const MOST_CALLS = 12;
const MOST_TOKENS = 2048;

/**
 * A turn in which a model chooses the calls. It is data that chooses, not an authority: each call
 * goes through the same gate, and its words are cut to what the outputs hold.
 */
export async function planFreely(turn: Turn, options: FreeOptions): Promise<Planned> {
  const { question, model, fallBack } = options;
  const { desk, begun } = turn;
  const book = new AnswerBook(begun, 'free');
  if (!desk.events.events(begun.turn).some(({ name }) => name === 'turn.planned')) {
    desk.events.append(begun, { name: 'turn.planned', data: { planner: 'free' } });
  }
  const free = new FreePlan(turn, { question, book, model });
  const ended = await free.run();
  if ('failed' in ended) {
    const { failed, message } = ended;
    book.notChecked.push({ what: 'what the language model would have looked at', why: failed });
    return fallBack(book, new ApplianceError(failed, 502, message));
  }
  if ('stopped' in ended) {
    book.notChecked.push({
      what: 'the rest of the question',
      why: `the model was stopped: ${ended.stopped}`,
    });
  }
  book.clauses.push({ text: question, outcome: 'answered', words: [], nearest: [] });
  const artifacts = free.sources.map(
    ({ artifact, bytes }) => [artifact, Buffer.from(bytes).toString('base64')] as const,
  );
  const cut = cutProse('finish' in ended ? ended.finish : '', free.sources);
  return {
    answer: book.answer(cut),
    artifacts: Object.fromEntries(artifacts),
    runbooks: [],
    steps: [],
  };
}

/** Lets a model choose one call after the other. What it chose is kept, so that no choice is lost. */
class FreePlan {
  readonly sources: Source[] = [];
  readonly #turn: Turn;
  readonly #options: Thinking;
  readonly #observations: Observation[] = [];
  readonly #made = new Set<string>();
  /** Entries that the model has been shown: what any word of its next choice may be made from. */
  readonly #shown: number[];

  constructor(turn: Turn, options: Thinking) {
    this.#turn = turn;
    this.#options = options;
    this.#shown = [turn.asked];
  }

  async run(): Promise<Ended> {
    const { desk, signal } = this.#turn;
    const { actuators } = await patiently(
      'tools',
      () => desk.tools.ask(tools.calls.actuators, {}, { signal }),
      { log: desk.log, signal },
    );
    const schema = choiceSchema(actuators);
    for (let number = 1; number <= MOST_CALLS; number += 1) {
      const step = `free.${number}`;
      const answered = this.#told(step) ?? (await this.#choose(step, schema));
      if ('failed' in answered || 'finish' in answered) return answered;
      if (this.#repeats(answered)) return { stopped: 'it asked for the same call again' };
      await this.#take(step, answered);
    }
    return { stopped: 'it asked for too many calls' };
  }

  #told(step: string): Answered | undefined {
    const { desk, begun } = this.#turn;
    const event = desk.events
      .events(begun.turn)
      .find((one) => one.step === step && one.name === 'model.answered');
    return event && Answered.parse(event.data['answered']);
  }

  async #choose(step: string, schema: object): Promise<Answered> {
    const { desk, begun } = this.#turn;
    const { messages, report } = pack(this.#options.question, this.#observations);
    const packed = z.record(z.string(), z.json()).parse(report);
    desk.events.append(begun, { name: 'context.packed', step, data: packed });
    desk.events.append(begun, { name: 'model.requested', step, data: { bytes: report.bytes } });
    const answered = await this.#generate({ messages, schema: { ...schema } });
    const data = { answered: z.json().parse(answered) };
    desk.events.append(begun, { name: 'model.answered', step, data });
    return answered;
  }

  async #generate(
    asked: Pick<z.input<typeof inference.calls.generate.request>, 'messages' | 'schema'>,
  ): Promise<Answered> {
    const { begun, signal } = this.#turn;
    const { session, turn } = begun;
    const question = { session, turn, ...asked, maxTokens: MOST_TOKENS };
    try {
      const { generate } = inference.calls;
      for await (const event of this.#options.model.follow(generate, question, { signal })) {
        if (event.type === 'done') return choiceOf(event.value);
        if (event.type === 'failed') return failure(event.code, event.message);
      }
      return failure('PEER_UNREACHABLE', 'the answer of the model broke off');
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ApplianceError) return failure(error.code, error.message);
      throw error;
    }
  }

  #repeats({ call, arguments: given }: Call): boolean {
    const intent = canonicalize([call, given]);
    const before = this.#made.has(intent);
    this.#made.add(intent);
    return before;
  }

  async #take(step: string, { call, arguments: given }: Call): Promise<void> {
    const { book } = this.#options;
    const provenance = Object.fromEntries(
      Object.keys(given).map((name) => [name, [...this.#shown]]),
    );
    const title = titleOf(call, given);
    const wanted = { step, title, actuator: call, arguments: given, provenance };
    const acted = await act(this.#turn, wanted, (request, rules) =>
      book.waiting(wanted, request, rules),
    );
    const { receipt } = book.add(wanted, acted);
    if (acted.receipt) this.#shown.push(acted.receipt.index);
    const output = await this.#outputOf(step, acted, receipt);
    this.#observations.push({ call, arguments: given, acted, output });
  }

  async #outputOf(step: string, { outcome }: Acted, receipt: number | undefined): Promise<string> {
    if (outcome === undefined || receipt === undefined) return '';
    const reply = await readReply(this.#turn, outcome);
    if (typeof reply === 'string') return '';
    const { digest: artifact, bytes } = reply;
    this.sources.push({ step, artifact, bytes, receipt });
    return textOf(bytes);
  }
}

function choiceOf(value: unknown): Answered {
  const { success, data } = Choice.safeParse(value);
  return success ? data : failure('INFERENCE_ANSWER_MALFORMED', 'expected a call or an end');
}

function failure(code: string, message: string): Answered {
  return { failed: code, message };
}

/** What an actuator says in words; of a reply in no known shape, its bytes. */
function textOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString();
  try {
    const { result } = ActuatorReply.parse(JSON.parse(text));
    return result.content.map((part) => part.text).join('\n');
  } catch {
    // Not a reply: shown to the model as it is, as data.
    return text;
  }
}
