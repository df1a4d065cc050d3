import websocket from '@fastify/websocket';
import type { FastifyInstance } from 'fastify';
import { Conversation, type ConversationOptions, LIMITS } from './conversation.ts';

const MOST = 256;
const TRY_AGAIN = 1013;
const NO_TEXT = 1003;

export type SocketOptions = Omit<ConversationOptions, 'limits'>;

/** WebSockets at `/ws`. Who asks by a foreign name, or from a foreign page, was refused before. */
export function serveSockets(http: FastifyInstance, options: SocketOptions): void {
  const { maxPayload } = LIMITS;
  void http.register(websocket, { options: { maxPayload, perMessageDeflate: false } });
  void http.register((scope, _options, done) => {
    scope.get('/ws', { websocket: true }, (socket, { ip }) => {
      if (http.websocketServer.clients.size > MOST) {
        socket.close(TRY_AGAIN, 'too many connections');
        return;
      }
      const conversation = new Conversation(socket, ip, { ...options, limits: LIMITS });
      socket.on('close', () => conversation[Symbol.dispose]());
      socket.on('message', (data, isBinary) => {
        if (isBinary || !Buffer.isBuffer(data)) socket.close(NO_TEXT, 'expected text');
        else void conversation.take(data);
      });
    });
    done();
  });
}
