import type { ActuatorReply } from '@physiclaw/contracts';
import { z } from 'zod';

const File = z.looseObject({ text: z.string(), encoding: z.enum(['utf-8', 'base64']) });
const Run = z.looseObject({ stdout: z.string(), stderr: z.string() });

export interface Shown {
  readonly out: string | Buffer;
  readonly err: string;
}

/** An actuator's reply as a person wants it: a file's bytes, a command's output, else its text. */
export function shownReply({ content, structuredContent }: ActuatorReply['result']): Shown {
  const file = File.safeParse(structuredContent).data;
  if (file?.encoding === 'base64') return { out: Buffer.from(file.text, 'base64'), err: '' };
  if (file) return { out: file.text, err: '' };
  const run = Run.safeParse(structuredContent).data;
  if (run) return { out: run.stdout, err: run.stderr };
  return { out: content.map(({ text }) => `${text.replace(/\n$/, '')}\n`).join(''), err: '' };
}
