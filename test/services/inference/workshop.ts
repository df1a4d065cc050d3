import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  audit,
  type GenerationEvent,
  type inference,
  type LogEvent,
  SpiffeId,
} from '@physiclaw/contracts';
import { ApplianceError, type Peer } from '@physiclaw/platform';
import { onTestFinished } from 'vitest';
import type { z } from 'zod';
import { Registry } from '#services/inference/backend/registry.ts';
import { generate, type GenerateRequest } from '#services/inference/generation/generate.ts';
import { type ScriptedServer, startScriptedServer } from '#test/model/scripted-server.ts';

export const person = SpiffeId.parse('spiffe://test.internal/user/ada');
const SILENCE_MS = 300;

/** A log that keeps what it is told, until it is away. */
class LogDouble implements Pick<Peer, 'ask'> {
  readonly events: LogEvent[] = [];
  isAway = false;

  readonly ask: Peer['ask'] = async (call, question) => {
    await Promise.resolve();
    if (this.isAway) throw new ApplianceError('PEER_UNREACHABLE', 503, 'away');
    this.events.push(audit.calls.append.request.parse(question).event);
    return call.reply.parse({ index: 0, entry: '', proof: [], checkpoint: '' });
  };

  kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }
}

/** What a generation needs, and a scripted server that is not in use yet. */
export async function makeWorkshop() {
  const folder = mkdtempSync(join(tmpdir(), 'inference-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const log = new LogDouble();
  const path = join(folder, 'backend.json');
  const registry = new Registry({ log, path, silenceMs: SILENCE_MS });
  const server = await scripted();
  const workshop = { registry, log, silenceMs: SILENCE_MS, patienceMs: 2000 };
  return { ...workshop, workshop, server, path };
}

export async function scripted(): Promise<ScriptedServer> {
  const server = await startScriptedServer();
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

const schema = {
  type: 'object',
  properties: { next: { type: 'string' } },
  required: ['next'],
  additionalProperties: false,
};

export const request: z.output<typeof inference.calls.generate.request> = {
  session: `s-${'1'.repeat(32)}`,
  turn: `t-${'2'.repeat(32)}`,
  messages: [
    { role: 'system', content: 'You plan.' },
    { role: 'user', content: 'what next?' },
  ],
  schema,
  maxTokens: 256,
};

export async function allOf(
  events: AsyncIterable<GenerationEvent>,
): Promise<{ events: GenerationEvent[]; last: GenerationEvent | undefined }> {
  const told: GenerationEvent[] = [];
  for await (const event of events) told.push(event);
  return { events: told, last: told.at(-1) };
}

export const ask = (
  workshop: Parameters<typeof generate>[0],
  more: Partial<GenerateRequest> = {},
  signal = new AbortController().signal,
) => allOf(generate(workshop, { ...request, ...more }, signal));
