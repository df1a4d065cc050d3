import type { FactName } from '../facts.ts';
import type { ServiceStart } from './services.ts';

/** All that the screen knows at one moment. */
export interface Sight {
  readonly image: string;
  readonly fact: (name: FactName) => string | undefined;
  readonly services: readonly ServiceStart[];
  /** As the gateway says it. */
  readonly mode: string | undefined;
}

const TOLD: readonly FactName[] = ['address', 'host', 'seed', 'certificate', 'log', 'recovery key'];

/** What the screen shows: names and values, in the order in which they are written. */
export function linesOf(sight: Sight): ReadonlyMap<string, string> {
  const { fact, image, services } = sight;
  const lines = new Map<string, string | undefined>([
    ['image', image],
    ...TOLD.map((name) => [name, fact(name)] as const),
    ...services.map(({ name, startedAt, readyAt }) => {
      const took = readyAt === undefined ? undefined : seconds(readyAt - startedAt);
      return [`start ${name}`, took] as const;
    }),
    ['services', summaryOf(services)],
    ['claim code', isClaimable(sight) ? fact('claim code') : undefined],
    ['state', stateOf(sight)],
  ]);
  return new Map(
    [...lines].flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function stateOf(sight: Sight): string | undefined {
  const told = sight.fact('state');
  if (told !== 'starting' || !isReady(sight)) return told;
  return isClaimable(sight) ? 'ready to be claimed' : 'ready';
}

function isClaimable(sight: Sight): boolean {
  return isReady(sight) && sight.mode === 'unclaimed';
}

function isReady({ services, mode }: Sight): boolean {
  const isServed = services.every(({ readyAt }) => readyAt !== undefined);
  return services.length > 0 && isServed && mode !== undefined;
}

function summaryOf(services: readonly ServiceStart[]): string | undefined {
  const ready = services.flatMap(({ readyAt }) => (readyAt === undefined ? [] : [readyAt]));
  if (services.length === 0 || ready.length < services.length) return undefined;
  const first = Math.min(...services.map(({ startedAt }) => startedAt));
  return `${ready.length} of ${services.length} ready in ${seconds(Math.max(...ready) - first)}`;
}

function seconds(microseconds: number): string {
  return `${(microseconds / 1e6).toFixed(1)} s`;
}
