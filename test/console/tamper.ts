import type { Page } from 'playwright-core';
import { z } from 'zod';

const Answered = z.looseObject({ type: z.literal('res'), payload: z.unknown() });

/** Changes what the gateway answers on its way to the page, as a gateway that lies would. */
export interface Tamper {
  change: (payload: unknown) => unknown;
  /** Ends the connection, as a network that fails does. */
  cut: () => void;
  /** Whether a new connection is cut at once. */
  isShut: boolean;
}

/** To be set before the page is loaded; changes nothing until it is told to. */
export async function tamperWith(page: Page): Promise<Tamper> {
  const tamper: Tamper = { change: (payload) => payload, cut: () => undefined, isShut: false };
  await page.routeWebSocket('**/ws', (socket) => {
    if (tamper.isShut) {
      void socket.close({ code: 1001 });
      return;
    }
    const gateway = socket.connectToServer();
    tamper.cut = () => {
      void socket.close({ code: 1001 });
      void gateway.close();
    };
    gateway.onMessage((message) => {
      const { data } = Answered.safeParse(JSON.parse(message.toString()));
      if (data === undefined) socket.send(message);
      else socket.send(JSON.stringify({ ...data, payload: tamper.change(data.payload) }));
    });
  });
  return tamper;
}

/** The text with one bit of one byte of it turned over, so that it stays a text of that kind. */
export function flipped(text: string, at: number): string {
  const other = text[at] === 'A' ? 'B' : 'A';
  return text.slice(0, at) + other + text.slice(at + 1);
}
