import { canonicalize } from '@physiclaw/proof';
import { expect, test } from 'vitest';
import { shownIntent } from '#appliance/cli/print/intent.ts';
import { intentOf } from '#test/services/policy/intents.ts';

const shown = (...argv: string[]) =>
  shownIntent(canonicalize(intentOf({ actuator: 'exec', arguments: { argv } })));

test('what would run is shown in the order in which it would run', () => {
  expect(shown('rm', '\u202Etxt.exe\u2066')).toBe(
    String.raw`exec {"argv":["rm","\u{202e}txt.exe\u{2066}"]}`,
  );
});

test('what would run is shown to its end', () => {
  expect(shown('sh', '-c', `${'true;'.repeat(100)}rm -r .`)).toContain('rm -r .');
});
