import { EventEmitter, once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { json } from 'node:stream/consumers';
import { connect } from 'node:tls';
import {
  Answer,
  EventFrame,
  type Method,
  methods,
  PROTOCOL_VERSION,
  type Receipt,
  type ReceiverSettings,
  ResponseFrame,
  type SignedEnrolment,
  socketEvents,
  type Task,
} from '@physiclaw/contracts';
import { type Signer, signStatement } from '@physiclaw/proof';
import { WebSocket } from 'ws';
import type { z } from 'zod';

const HOST = 'localhost:18443';
const PATIENCE_MS = 120_000;

/** Somebody in front of the machine's console door, who trusts the certificate on its screen alone. */
export class Visitor implements Disposable {
  readonly #port: number;
  readonly #ca: string;
  /** Answers by the number of what was asked, and how turns end. */
  readonly #turns = new EventEmitter();
  #socket: WebSocket | undefined;
  #asked = 0;

  private constructor(port: number, ca: string) {
    this.#port = port;
    this.#ca = ca;
  }

  /** @throws Error when the machine shows another certificate than its screen told. */
  static async arrive(
    port: number,
    fingerprint: string,
    patienceMs = PATIENCE_MS,
  ): Promise<Visitor> {
    const { raw, fingerprint256 } = await certificateOf(port, patienceMs);
    const found = `SHA256:${fingerprint256.replaceAll(':', '').toLowerCase()}`;
    if (found !== fingerprint) throw new Error(`expected ${fingerprint}, found ${found}`);
    const lines = raw.toString('base64').match(/.{1,64}/g) ?? [];
    const ca = ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''];
    return new Visitor(port, ca.join('\n'));
  }

  /** Asks for one of the methods that need no sign-in. */
  async post<Request extends z.ZodType, Reply extends z.ZodType>(
    name: 'hello' | 'claim' | 'signIn',
    method: Method<Request, Reply>,
    body: z.input<Request>,
  ): Promise<z.output<Reply>> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const call = request({
        ...this.#door(),
        method: 'POST',
        path: `/api/${name}`,
        headers: { host: HOST, origin: `https://${HOST}`, 'content-type': 'application/json' },
      });
      call.setTimeout(PATIENCE_MS, () => call.destroy(new Error(`no answer to ${name}`)));
      call.on('error', reject).on('response', resolve).end(JSON.stringify(body));
    });
    const value = await json(response);
    if (response.statusCode === 200) return method.reply.parse(value);
    throw new Error(`${name} was refused: ${JSON.stringify(value)}`);
  }

  /** Makes this key the first of the machine. */
  async claim(code: string, signer: Signer): Promise<void> {
    const { trustDomain } = await this.post('hello', methods.hello, {});
    const statement = { type: 'physiclaw/enrolment/v1', trustDomain, key: signer.did } as const;
    const signed: SignedEnrolment = signStatement(statement, signer);
    await this.post('claim', methods.claim, { code, name: 'tester', signed });
  }

  /** Signs in and opens the socket. */
  async enter(signer: Signer): Promise<void> {
    const { nonce, trustDomain } = await this.post('hello', methods.hello, {});
    const statement = {
      type: 'physiclaw/sign-in/v1',
      trustDomain,
      nonce,
      key: signer.did,
    } as const;
    const { credential: token } = await this.post(
      'signIn',
      methods.signIn,
      signStatement(statement, signer),
    );
    const socket = new WebSocket(`wss://127.0.0.1:${this.#port}/ws`, {
      ...this.#door(),
      headers: { host: HOST, origin: `https://${HOST}` },
    });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    this.#socket = socket.on('message', (data: Buffer) => this.#hear(data));
    await this.#ask('connect', {
      minProtocol: PROTOCOL_VERSION,
      maxProtocol: PROTOCOL_VERSION,
      client: { id: 'test', version: '0', platform: 'node', mode: 'cli' },
      auth: { token },
    });
  }

  /** Says by a signature who gets the log from here on, where nobody did before. */
  async nameReceiver(receiver: ReceiverSettings, signer: Signer): Promise<Receipt> {
    const { log } = await this.post('hello', methods.hello, {});
    const statement = {
      type: 'physiclaw/receiver/v1',
      log,
      receiver,
      key: signer.did,
    } as const;
    const signed = signStatement(statement, signer);
    return (await this.call('setReceiver', methods.setReceiver, signed)).receipt;
  }

  /** Asks over the socket for one of the front door's methods. */
  async call<Request extends z.ZodType, Reply extends z.ZodType>(
    name: string,
    method: Method<Request, Reply>,
    body: z.input<Request>,
  ): Promise<z.output<Reply>> {
    return method.reply.parse(await this.#ask(name, body));
  }

  [Symbol.dispose](): void {
    this.#socket?.terminate();
  }

  /** Asks in a session of its own, and resolves to the answer once the turn has ended. */
  async turn(task: z.input<typeof Task>): Promise<Answer> {
    const { session } = await this.call('reserveSession', methods.reserveSession, {});
    await this.call('openSession', methods.openSession, { session, entries: [] });
    const answered = once(this.#turns, 'answered');
    const { turn } = await this.call('ask', methods.ask, { session, task });
    await this.#ask('follow', { session, turn });
    const [data]: unknown[] = await answered;
    return Answer.parse(data);
  }

  async #ask(method: string, params: unknown): Promise<unknown> {
    this.#asked += 1;
    const id = String(this.#asked);
    const answered = once(this.#turns, id, { signal: AbortSignal.timeout(PATIENCE_MS) });
    this.#socket?.send(JSON.stringify({ type: 'req', id, method, params }));
    const [frame]: unknown[] = await answered;
    const { ok, payload, error } = ResponseFrame.parse(frame);
    if (!ok) throw new Error(`${method} was refused: ${JSON.stringify(error)}`);
    return payload;
  }

  #hear(data: Buffer): void {
    const value: unknown = JSON.parse(data.toString());
    const response = ResponseFrame.safeParse(value);
    if (response.success) this.#turns.emit(response.data.id, response.data);
    const told = EventFrame.safeParse(value);
    if (!told.success || told.data.event !== 'physiclaw.turn') return;
    const { event } = socketEvents['physiclaw.turn'].parse(told.data.payload);
    if (event.name === 'assistant.message') this.#turns.emit('answered', event.data['answer']);
    if (event.name !== 'turn.failed') return;
    this.#turns.emit('error', new Error(`the turn failed: ${JSON.stringify(event.data)}`));
  }

  #door() {
    return {
      host: '127.0.0.1',
      port: this.#port,
      servername: 'localhost',
      ca: this.#ca,
      allowPartialTrustChain: true,
    };
  }
}

/** Looks at the certificate without trusting it yet. */
async function certificateOf(
  port: number,
  patienceMs: number,
): Promise<{ raw: Buffer; fingerprint256: string }> {
  return await new Promise((resolve, reject) => {
    const unproven = {
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      rejectUnauthorized: false,
    };
    const socket = connect(unproven, () => {
      resolve(socket.getPeerCertificate());
      socket.end();
    });
    socket.setTimeout(patienceMs, () => socket.destroy(new Error('the door does not open')));
    socket.on('error', reject);
  });
}
