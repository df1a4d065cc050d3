import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { anchoredKey } from '#appliance/cli/log/anchored-key.ts';

function anchorsOf(vkey?: string): { anchors: string } {
  const anchors = mkdtempSync(join(tmpdir(), 'anchors-'));
  onTestFinished(() => rmSync(anchors, { recursive: true }));
  if (vkey !== undefined) writeFileSync(join(anchors, 'log.vkey'), vkey);
  return { anchors };
}

test('a key that is held outside goes before the anchored one', () => {
  const places = anchorsOf('anchored\n');

  expect(anchoredKey(places)).toBe('anchored');
  expect(anchoredKey(places, join(anchorsOf('held\n').anchors, 'log.vkey'))).toBe('held');
});

test('where there is no key it is said what was to be read, and where', () => {
  expect(() => anchoredKey(anchorsOf())).toThrow(
    expect.objectContaining({
      code: 'FILE_UNREADABLE',
      message: expect.stringMatching(/the log's verifier key.*\/log\.vkey/),
    }),
  );
});
