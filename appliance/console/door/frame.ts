import {
  EventFrame,
  PROTOCOL_VERSION,
  type ConnectParams,
  ResponseFrame,
} from '@physiclaw/contracts';
import { z } from 'zod';

const Frame = z.discriminatedUnion('type', [ResponseFrame, EventFrame]);
type Frame = z.infer<typeof Frame>;

/** A frame of the protocol; what is none is not for this page. */
export function readFrame(data: unknown): Frame | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    return Frame.safeParse(JSON.parse(data)).data;
  } catch {
    return undefined;
  }
}

/** The first request: which protocol, who speaks, and by whose sign-in. */
export function connectParams(credential: string): ConnectParams {
  return {
    minProtocol: PROTOCOL_VERSION,
    maxProtocol: PROTOCOL_VERSION,
    client: { id: 'webchat-ui', version: '1', platform: 'web', mode: 'ui' },
    role: 'operator',
    auth: { token: credential },
  };
}
