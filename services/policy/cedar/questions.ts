import type { Effect, Intent } from '@physiclaw/contracts';
import type { Question } from './rules.ts';
import { builtIn } from './schema.ts';

/** What a decision knows of who asks, beside the intent. */
export interface Asker {
  readonly principal: string;
  readonly mode: string;
  readonly approved: boolean;
}

/** All that a call does, as far as the intent shows it. */
export function effectsOf({ actuator, effects, mounts }: Intent): Set<Effect> {
  const all = new Set(effects);
  const least = builtIn.get(actuator);
  if (least) all.add(least);
  if (mounts.length > 0) all.add('read-mount');
  if (mounts.some(({ access }) => access === 'write')) all.add('write-mount');
  return all;
}

/** One question for each thing that the call touches; it may run only if each answer is yes. */
export function questionsOf(intent: Intent, { principal, mode, approved }: Asker): Question[] {
  const { actuator, program, operands, mounts } = intent;
  const effects = effectsOf(intent);
  const [command] = [intent.arguments['argv']].flat();
  const context = {
    actuator,
    effects: [...effects],
    program: program.path,
    command: effects.has('execute') && typeof command === 'string' ? command : '',
    paths: operands.map(({ path }) => path),
    mounts: mounts.map(({ name }) => name),
    approved,
    mode,
  };
  return touched(intent, effects).map(({ access, ...resource }) => ({
    principal: { type: 'Person', id: principal },
    action: { type: 'Action', id: builtIn.has(actuator) ? actuator : 'plugin' },
    resource,
    context: { ...context, access },
  }));
}

interface Touch {
  readonly type: 'Workspace' | 'Mount' | 'Folder';
  readonly id: string;
  readonly access: 'read' | 'write' | 'execute';
}

function touched({ mounts, session: id }: Intent, effects: ReadonlySet<Effect>): Touch[] {
  const touches = mounts.map(({ name, access }): Touch => {
    const exported = effects.has('export') && access === 'write';
    return { type: exported ? 'Folder' : 'Mount', id: name, access };
  });
  const type = 'Workspace';
  // What touches nothing that it names is asked about as if it ran a program.
  if (effects.has('execute')) return [...touches, { type, id, access: 'execute' }];
  if (effects.has('write-workspace')) return [...touches, { type, id, access: 'write' }];
  if (effects.has('read-workspace')) return [...touches, { type, id, access: 'read' }];
  return touches.length > 0 ? touches : [{ type, id, access: 'execute' }];
}
