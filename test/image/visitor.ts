import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { json } from 'node:stream/consumers';
import { connect } from 'node:tls';
import {
  type Method,
  methods,
  PROTOCOL_VERSION,
  ResponseFrame,
  type SignedEnrolment,
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
  #socket: WebSocket | undefined;
  #asked = 0;

  private constructor(port: number, ca: string) {
    this.#port = port;
    this.#ca = ca;
  }

  /** @throws Error when the machine shows another certificate than its screen told. */
  static async arrive(port: number, fingerprint: string): Promise<Visitor> {
    const { raw, fingerprint256 } = await certificateOf(port);
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
    const socket = new WebSocket(`wss://${HOST}/ws`, {
      ...this.#door(),
      headers: { host: HOST, origin: `https://${HOST}` },
    });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    this.#socket = socket;
    await this.#ask('connect', {
      minProtocol: PROTOCOL_VERSION,
      maxProtocol: PROTOCOL_VERSION,
      client: { id: 'test', version: '0', platform: 'node', mode: 'cli' },
      auth: { token },
    });
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

  async #ask(method: string, params: unknown): Promise<unknown> {
    const socket = this.#socket;
    if (!socket) throw new Error('expected somebody who entered');
    this.#asked += 1;
    const id = String(this.#asked);
    const answered = new Promise<ResponseFrame>((resolve, reject) => {
      const timer = setTimeout(() => end(new Error(`no answer to ${method}`)), PATIENCE_MS);
      const hear = (data: Buffer) => {
        const frame = ResponseFrame.safeParse(JSON.parse(data.toString()));
        if (!frame.success || frame.data.id !== id) return;
        end();
        resolve(frame.data);
      };
      const close = () =>
        end(new Error(`the machine closed the socket before it answered ${method}`));
      const end = (error?: Error) => {
        clearTimeout(timer);
        socket.off('message', hear).off('close', close);
        if (error) reject(error);
      };
      socket.on('message', hear).on('close', close);
    });
    socket.send(JSON.stringify({ type: 'req', id, method, params }));
    const { ok, payload, error } = await answered;
    if (!ok) throw new Error(`${method} was refused: ${JSON.stringify(error)}`);
    return payload;
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
async function certificateOf(port: number): Promise<{ raw: Buffer; fingerprint256: string }> {
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
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('the door does not open')));
    socket.on('error', reject);
  });
}
