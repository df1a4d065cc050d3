import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import { methods } from '@physiclaw/contracts';
import { RUN } from '@physiclaw/machine';

const PATIENCE_MS = 5000;

/**
 * Whether somebody has claimed the machine, as the gateway says on its Unix socket; undefined while
 * it does not say. A gateway that lies can hide the claim code or show one that `policy` refuses.
 */
export async function readMode(socketPath = `${RUN}/cli.sock`): Promise<string | undefined> {
  try {
    const reply = await new Promise<unknown>((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': 2 };
      const call = request({ socketPath, method: 'POST', path: '/call/hello', headers });
      call.setTimeout(PATIENCE_MS, () => call.destroy(new Error('no answer')));
      call.on('response', (response) => void json(response).then(resolve, reject));
      call.on('error', reject).end('{}');
    });
    const mode = methods.hello.reply.safeParse(reply).data?.mode;
    return mode === 'unknown' ? undefined : mode;
  } catch {
    // It is not there yet, or it is being started again.
    return undefined;
  }
}
