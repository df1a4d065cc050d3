import { memoryOf, readState, startStack, stopStack } from '@physiclaw/stack';
import { z } from 'zod';

// Starts, reads or stops a stack as whoever runs this program, and prints what came of it.
const Options = z.strictObject({
  home: z.string(),
  dist: z.string(),
  node: z.string(),
  services: z.string(),
  port: z.int(),
});

const [, , verb, text = ''] = process.argv;
try {
  process.stdout.write(JSON.stringify(await outcome(Options.parse(JSON.parse(text)))));
} catch (error) {
  process.stdout.write(JSON.stringify({ error: String(error) }));
}

async function outcome(options: z.infer<typeof Options>): Promise<unknown> {
  if (verb === 'stop') return { stopped: await stopStack(options.home) };
  const state = verb === 'start' ? await startStack(options) : readState(options.home);
  return { state, memory: state && memoryOf(state) };
}
