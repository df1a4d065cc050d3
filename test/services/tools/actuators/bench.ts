import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ActuatorReply } from '@physiclaw/contracts';
import { z } from 'zod';
import { built } from '../built.ts';
import { openRig, type Rig, text, type Wish } from '../../../appliance/sandbox/rig.ts';

export interface Bench extends AsyncDisposable {
  readonly rig: Rig;
  /** Writes a file of the workspace, or below another folder of the bench. */
  put(path: string, content: string | Buffer, folder?: string): string;
  /** One request to a built-in actuator, in a sandbox. */
  act(name: string, given: object, wish?: Wish): Promise<Reply>;
}

export interface Reply {
  readonly text: string;
  readonly structured: Readonly<Record<string, unknown>>;
  readonly isError: boolean;
}

const Rows = z.array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])));

/** One of the lists of an answer. */
export const rows = ({ structured }: Reply, list: string) => Rows.parse(structured[list]);

export async function openBench(): Promise<Bench> {
  const rig = await openRig();
  return {
    rig,
    put(path, content, folder = rig.workspace) {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
    async act(name, given, wish = {}) {
      const program = join(rig.folder, `${name}.js`);
      writeFileSync(
        program,
        await built(`services/tools/actuators/${name.replace('_', '-')}/main.ts`),
      );
      const params = { name, arguments: given };
      const request = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
      const ended = await rig.run('', { program, request, ...wish });
      const failed = ended.status === 'failed' && ended.reason === 'exit';
      if (ended.status !== 'ok' && !failed) throw new Error(`${ended.status}: ${ended.reason}`);
      const { result } = ActuatorReply.parse(JSON.parse(text(ended)));
      const { structuredContent: structured = {}, isError } = result;
      if (isError !== failed) throw new Error('its exit says another thing than its reply');
      return { text: result.content[0]?.text ?? '', structured, isError };
    },
    [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
  };
}
