import { createServer } from 'node:net';
import { runService, type ServiceContext } from '@physiclaw/platform';
import { z } from 'zod';

// A daemon that does what its configuration says, so that a test can watch it from outside.
const Config = z.strictObject({
  logLevel: z.literal('info'),
  fault: z.enum(['start', 'listen', 'later', 'rejection', 'dispose', 'stuck']).optional(),
  waits: z.boolean().default(false),
});
type Config = z.infer<typeof Config>;

await runService(Config, async (config: Config, context) => {
  const { log, credential, optionalCredential } = context;
  if (config.fault === 'start') throw new Error('password=hunter2');
  if (config.waits) await untilStopped(context);
  const held = createServer();
  log.info(
    { bytes: credential('log-key').length, claim: !!optionalCredential('claim-code') },
    'up',
  );
  return {
    async listen() {
      if (config.fault === 'listen') throw new Error('cannot listen');
      await new Promise<void>((resolve) => {
        held.listen(0, '127.0.0.1', resolve);
      });
      if (config.fault === 'later') setTimeout(() => fail(), 10);
      if (config.fault === 'rejection') void Promise.reject(new Error('password=hunter2'));
    },
    async [Symbol.asyncDispose]() {
      if (config.fault === 'dispose') throw new Error('cannot let go');
      if (config.fault === 'stuck') await new Promise(() => undefined);
      held.close();
      await Promise.resolve();
      log.info('let go');
    },
  };
});

function untilStopped({ waiting, signal }: ServiceContext): Promise<void> {
  waiting('audit');
  return new Promise((_resolve, reject) => {
    const keep = setInterval(() => undefined, 1000);
    signal.addEventListener('abort', () => {
      clearInterval(keep);
      reject(new Error('stopped waiting'));
    });
  });
}

function fail(): never {
  throw new Error('password=hunter2');
}
