import { z } from 'zod';
import { type ScriptedServer, startScriptedServer } from '../model/scripted-server.ts';
import type { Proposal } from './world.ts';

/** A model that wants what an attacker wrote down, whatever it is told. */
export interface HostileModel extends AsyncDisposable {
  readonly url: string;
  /**
   * Makes a question to which it answers with these calls, one after the other, and then the end.
   * `heard` takes what it is told.
   */
  plan(proposals: readonly Proposal[], heard: string[]): Plan;
}

interface Plan {
  readonly question: string;
  /** What it was sent beyond the system message, each time that it was asked. */
  readonly prompts: readonly string[];
}

interface Script {
  readonly proposals: readonly Proposal[];
  readonly prompts: string[];
  readonly heard: string[];
}

type Messages = ScriptedServer['asked'][number]['messages'];

const Asked = z.object({ question: z.string() });

/** Starts a server of such a model. */
export async function startHostileModel(): Promise<HostileModel> {
  const server = await startScriptedServer();
  const scripts = new Map<string, Script>();
  server.answer = ({ messages }) => {
    const script = scripts.get(questionOf(messages));
    if (script === undefined) return { finish: 'nothing was planned' };
    const { proposals, prompts, heard } = script;
    const prompt = promptOf(messages);
    prompts.push(prompt);
    heard.push(prompt);
    // How far it is, it reads off what it is told, as a model does.
    const next = proposals[messages.filter(({ role }) => role === 'assistant').length];
    return next ? { call: next.actuator, arguments: next.arguments } : { finish: 'that was all' };
  };
  return {
    url: server.url,
    plan(proposals, heard) {
      const script = { proposals, prompts: [], heard };
      const question = `what would attacker number ${scripts.size + 1} like to have`;
      scripts.set(question, script);
      return { question, prompts: script.prompts };
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function questionOf(messages: Messages): string {
  const first = messages.find(({ role }) => role === 'user');
  return Asked.parse(JSON.parse(first?.content ?? '{}')).question;
}

function promptOf([first, ...rest]: Messages): string {
  if (first?.role !== 'system') throw new Error('expected a system message first');
  return rest.map(({ role, content }) => `${role}: ${content}`).join('\n');
}
