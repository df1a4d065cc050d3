import type { Effect } from '@physiclaw/contracts';
import { meant } from './spelling.ts';

/** What kind of change a clause asks for. */
export type ChangeKind = 'remove' | 'write' | 'send' | 'operate';

/** What a runbook has to declare before a change of this kind may run it: one of these. */
export const effectsOf: Readonly<Record<ChangeKind, readonly Effect[]>> = {
  remove: ['write-mount', 'write-workspace'],
  write: ['write-mount', 'write-workspace', 'export'],
  send: ['export'],
  operate: ['execute'],
};

const VERBS: Readonly<Record<ChangeKind, string>> = {
  remove:
    'delete remove erase wipe purge clean clear empty tidy truncate drop rm rmdir shred prune ' +
    'unlink destroy discard uninstall rotate revoke strip',
  write:
    'write save create generate make edit modify change set add append overwrite rename move copy ' +
    'install upgrade update patch fix repair format encrypt decrypt mount unmount enable disable ' +
    'fill configure reset grant allow hide replace insert inject alter chmod chown resize ' +
    'extend mkfs dd bypass override ignore assign compose draft',
  send: 'export send upload publish share mail email post push transfer exfiltrate leak forward submit',
  operate:
    'restart start stop reload reboot kill killall terminate shut shutdown halt execute launch ' +
    'deploy scale bounce drain evict cordon suspend resume block ban flush poweroff trigger abort ' +
    'attack hack crack exploit scan',
};

const KINDS: ReadonlyMap<string, ChangeKind> = new Map(
  (['remove', 'write', 'send', 'operate'] as const).flatMap((kind) =>
    VERBS[kind].split(' ').map((verb) => [verb, kind] as const),
  ),
);

/** What is said before the verb of a request; nothing of it tells what is wanted. */
const BEFORE =
  /^(?:please|pls|plz|hey|hi|hello|ok|okay|so|now|just|then|and|but|also|first|kindly|quickly|immediately|simply|go ahead(?: and)?|go and|try to|try and|remember to|make sure (?:to|you)|let'?s|let us|help me(?: to)?|(?:can|could|will|would|should|must|may) (?:you|we|i)|you (?:should|must|can|may|have to|need to)|(?:i|we)(?: would|'d)? (?:want|need|like|have|wish)(?: you)? to|(?:i|we) (?:must|should|will)|is it (?:possible|ok|okay|allowed|safe) to|how (?:do|can|could|should) (?:i|we|you)|how to|it is time to|time to)[\s,]+/i;

/** Two words that are one verb. */
const PHRASES: readonly (readonly [RegExp, ChangeKind])[] = [
  [/^get rid of\b/i, 'remove'],
  [/^(?:throw|take) (?:\S+ ){0,4}away\b/i, 'remove'],
  [/^(?:turn|switch|power|shut) (?:\S+ ){0,4}(?:on|off|down)\b/i, 'operate'],
  [/^put together\b/i, 'write'],
  [/^set (?:\S+ ){0,3}up\b/i, 'write'],
  [/^open an? /i, 'operate'],
  [/^(?:free up|make (?:some |more )?(?:room|space))\b/i, 'remove'],
  [/^give .*\b(?:root|admin|rights?|access|permissions?)\b/i, 'write'],
];

/** A state that somebody else is to bring about: `I need the logs deleted`. */
const WISH = /\b(?:need|want|have|get|should be|must be|ought to be|to be) (.*)/iu;
const COMMAND =
  /(?:^|\s)(?:sudo|rm|dd|mkfs(?:\.\w+)?|chmod|chown|shred|kill(?:all)?|mv|systemctl) +(?:-|\/|\d|if=|[a-z]+ [a-z]+\.)|\|\s*(?:ba)?sh\b|>\s*\//i;

/**
 * Whether a clause asks for something to be changed, and how. It looks at the grammar: an order, a
 * wish or a command of a shell; what asks after a change (`was it killed`) asks for none. It errs
 * towards a change: that ends in a refusal, and the other error in an act that nobody wanted.
 *
 * @param isKnown whether a word is one of the runbooks', which is then not a misspelled verb.
 */
export function changeIn(
  clause: string,
  isKnown: (word: string) => boolean,
): ChangeKind | undefined {
  if (COMMAND.test(clause)) return 'operate';
  let rest = clause.trim();
  for (let before = BEFORE.exec(rest); before; before = BEFORE.exec(rest)) {
    rest = rest.slice(before[0].length);
  }
  const phrase = PHRASES.find(([pattern]) => pattern.test(rest));
  if (phrase) return phrase[1];
  const [, first = ''] = /^(\p{L}+)/u.exec(rest.toLowerCase()) ?? [];
  return KINDS.get(first) ?? misspelled(first, isKnown) ?? passive(rest);
}

/** Whether a word is itself an order: what it is to be done to is another. */
export function isOrder(word: string): boolean {
  return KINDS.has(word);
}

function misspelled(word: string, isKnown: (word: string) => boolean): ChangeKind | undefined {
  if (word.length < 5 || isKnown(word)) return undefined;
  return KINDS.get(meant(word, KINDS.keys()) ?? '');
}

function passive(clause: string): ChangeKind | undefined {
  const [, wished = ''] = WISH.exec(clause.toLowerCase()) ?? [];
  return wished
    .split(/\P{L}+/u)
    .filter((word) => word.endsWith('ed'))
    .flatMap((word) => [word.slice(0, -1), word.slice(0, -2), word.slice(0, -3)])
    .map((verb) => KINDS.get(verb))
    .find(Boolean);
}
