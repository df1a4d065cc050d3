// A service as small as one can be: its SVIDs come from `identity`, its calls say things back.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLogger, followSvid, Server } from '@physiclaw/platform';
import { echo } from './echo.ts';

const [run = '', trustDomain = ''] = process.argv.slice(2);
const log = createLogger('echo', 'warn');
const svid = followSvid({ socket: join(run, 'workload.sock'), log });
await new Server(echo, { socket: join(run, 'echo.sock'), svid, log, trustDomain })
  .answer(echo.calls.say, ({ words }) => ({ words }))
  .stream(echo.calls.count, async function* count({ everyMs }, { signal }) {
    for (let number = 0; !signal.aborted; number += 1) {
      yield { number };
      await sleep(everyMs);
    }
  })
  .listen();
