import { startStack } from '@physiclaw/stack';
import { z } from 'zod';

// Starts a stack as whoever runs this program, and prints what came of it.
const Options = z.strictObject({
  home: z.string(),
  dist: z.string(),
  node: z.string(),
  services: z.string(),
  port: z.int(),
});

try {
  const state = await startStack(Options.parse(JSON.parse(process.argv[2] ?? '')));
  process.stdout.write(JSON.stringify({ state }));
} catch (error) {
  process.stdout.write(JSON.stringify({ error: String(error) }));
}
