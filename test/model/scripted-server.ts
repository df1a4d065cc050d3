import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';

const ChatRequest = z.looseObject({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
  response_format: z.looseObject({
    json_schema: z.looseObject({ schema: z.record(z.string(), z.unknown()) }),
  }),
});
type ChatRequest = z.infer<typeof ChatRequest>;

/** How the server misbehaves, by OpenAI's documented contract for streamed chat completions. */
export type Fault =
  | 'none'
  | 'cut'
  | 'unfinished'
  | 'slow'
  | 'stalled'
  | 'length'
  | 'wrong-json'
  | 'wrong-schema'
  | 'error-in-200'
  | 'no-chunk'
  | 'status-500'
  | 'silent';

export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
  /** What was asked so far. */
  readonly asked: ChatRequest[];
  /** How many answers are under way. */
  readonly open: () => number;
  fault: Fault;
  /** What the model answers with, or a promise of it; the probe is answered by the server itself. */
  answer: (request: ChatRequest) => unknown;
}

/**
 * A model server of OpenAI's contract whose answers a test writes. It stands in for servers that
 * need a GPU; where a real one is at hand, the same tests run against it.
 */
export async function startScriptedServer(port = 0): Promise<ScriptedServer> {
  const state = {
    asked: [] as ChatRequest[],
    fault: 'none' as Fault,
    answer: (_request: ChatRequest): unknown => ({}),
  };
  const open = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    open.add(response);
    response.on('close', () => open.delete(response));
    void serve(request, response, state);
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  const address = server.address();
  const bound = typeof address === 'object' && address ? address.port : port;
  return Object.assign(state, {
    url: `http://127.0.0.1:${bound}/v1`,
    open: () => open.size,
    async [Symbol.asyncDispose]() {
      for (const response of open) response.destroy();
      await new Promise((done) => server.close(done));
    },
  });
}

type State = Pick<ScriptedServer, 'asked' | 'fault' | 'answer'>;

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  state: State,
): Promise<void> {
  if (request.url === '/v1/models') {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ object: 'list', data: [{ id: 'scripted', object: 'model' }] }));
    return;
  }
  const chat = ChatRequest.parse(await json(request));
  const isProbe = JSON.stringify(chat.response_format.json_schema.schema).includes('"ready"');
  if (!isProbe) state.asked.push(chat);
  if (state.fault === 'silent') return;
  if (state.fault === 'status-500') {
    response.statusCode = 500;
    response.end('{"error":{"message":"out of memory at 0xdeadbeef"}}');
    return;
  }
  const value = isProbe ? { ready: true } : await state.answer(chat);
  if (state.fault === 'slow') trickle(response);
  else tell(response, state.fault, JSON.stringify(value));
}

/** Never silent, never done: a piece now and then until the other side goes. */
function trickle(response: ServerResponse): void {
  response.setHeader('content-type', 'text/event-stream');
  const chunk = { choices: [{ index: 0, delta: { content: ' ' } }] };
  const timer = setInterval(() => response.write(`data: ${JSON.stringify(chunk)}\n\n`), 50);
  response.on('close', () => clearInterval(timer));
}

const WRONG: Partial<Record<Fault, string>> = {
  'wrong-json': '{"half": ',
  'wrong-schema': '{"surprise": true}',
};

function tell(response: ServerResponse, fault: Fault, text: string): void {
  const send = (data: unknown) => response.write(`data: ${JSON.stringify(data)}\n\n`);
  const piece = (content: string) => send({ choices: [{ index: 0, delta: { content } }] });
  const finish = (reason: string) =>
    send({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });
  response.setHeader('content-type', 'text/event-stream');
  if (fault === 'error-in-200') send({ error: { message: 'CUDA out of memory', code: 500 } });
  if (fault === 'no-chunk') response.write('data: {"object":"what?"\n\n');
  const shown = WRONG[fault] ?? text;
  for (let at = 0; at < shown.length; at += 24) piece(shown.slice(at, at + 24));
  if (fault === 'cut') {
    // After what was written has gone out: an answer that breaks off, not one that never began.
    setTimeout(() => response.destroy(), 20);
    return;
  }
  // The connection stays open, and nothing comes any more.
  if (fault === 'stalled') return;
  if (fault === 'unfinished') {
    response.end();
    return;
  }
  finish(fault === 'length' ? 'length' : 'stop');
  send({ choices: [], usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 } });
  response.end('data: [DONE]\n\n');
}
