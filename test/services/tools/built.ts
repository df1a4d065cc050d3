import { build } from 'rolldown';

const codes = new Map<string, Promise<string>>();

/** A program built to one file, as it ships. */
export function built(input: string): Promise<string> {
  const code = codes.get(input) ?? bundle(input);
  codes.set(input, code);
  return code;
}

async function bundle(input: string): Promise<string> {
  const { output } = await build({ input, platform: 'node', write: false, logLevel: 'warn' });
  return output[0].code;
}
