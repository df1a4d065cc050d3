import { conclude, readRunbook, type Runbook, type StepResult } from '@physiclaw/answer';
import { expect, test } from 'vitest';

const asks = ['one thing', 'two things', 'three things'];
const rule = (more: object) => ({
  id: 'r',
  when: 'true',
  severity: 'warning',
  sentence: 's',
  ...more,
});
const disk = (...findings: object[]): Runbook =>
  readRunbook(
    {
      id: 'sre/disk',
      title: 't',
      asks,
      steps: [{ id: 'usage', title: 'measure', actuator: 'disk_usage', parse: 'disk-usage' }],
      findings,
      blind: ['the dark'],
    },
    'test',
  );

const mount = (path: string, usedPercent: number) => ({
  path,
  filesystem: 'ext4',
  readOnly: false,
  totalBytes: 100,
  availableBytes: 100 - usedPercent,
  usedPercent,
  usedInodesPercent: 1,
});
const folder = (path: string, bytes: number) => ({ path, bytes, files: 1 });

function result(content: object, runbook = 'sre/disk', step = 'usage'): StepResult {
  const reply = { jsonrpc: '2.0', id: 1, result: { content: [], structuredContent: content } };
  const bytes = new TextEncoder().encode(JSON.stringify(reply));
  return { runbook, step, artifact: 'd'.repeat(64), bytes, receipt: 1 };
}
const measured = result({
  mounts: [mount('/', 40), mount('/srv', 91), mount('/opt', 97)],
  folders: [folder('/srv/a', 5), folder('/srv/b', 7)],
  notChecked: [{ what: '/root', why: 'masked' }],
});

const made = (...findings: object[]) => conclude([disk(...findings)], [measured]);
const said = ({ findings }: ReturnType<typeof conclude>) =>
  findings.map(({ sentence }) =>
    sentence.map((part) => ('text' in part ? part.text : part.shown)).join(''),
  );

test('a rule looks at each element, and its sentence names facts where they stand', () => {
  const { findings, facts } = made(
    rule({
      each: 'usage.mounts',
      when: 'item.usedPercent > 90.0',
      sentence: '{item.path} {item.usedPercent|percent}',
    }),
  );

  expect(findings).toHaveLength(2);
  expect(findings[0]?.facts).toEqual(['f1', 'f2']);
  expect(facts[0]).toMatchObject({ name: 'mounts.1.path', value: '/srv', step: 'disk.usage' });
  const [start, end] = facts[1]!.range;
  expect(new TextDecoder().decode(measured.bytes.subarray(start, end))).toBe('91');
});

test('the worst stands first, and what nobody saw before what is merely worth a note', () => {
  const rules = ['ok', 'notice', 'unknown', 'critical', 'warning'].map((severity) =>
    rule({ id: severity, severity, sentence: severity }),
  );

  expect(said(made(...rules))).toEqual(['critical', 'warning', 'unknown', 'notice', 'ok']);
});

test('a pick is the first that fits, or the greatest', () => {
  const first = { from: 'usage.folders', where: 'entry.path.startsWith("/srv")' };
  const sentence = 'first {one.path}, largest {two.path}';

  expect(
    said(made(rule({ with: { one: first, two: { ...first, max: 'bytes' } }, sentence }))),
  ).toEqual(['first /srv/a, largest /srv/b']);
});

test('a cause whose pick found nothing is left out', () => {
  const { findings } = made(
    rule({
      with: { one: { from: 'usage.folders', where: 'entry.bytes > 99' } },
      cause: '{one.path}',
    }),
  );

  expect(findings[0]?.cause).toBeUndefined();
});

test('a rule says so much and no more', () => {
  expect(said(made(rule({ each: 'usage.mounts', cap: 2, sentence: '{item.path}' })))).toEqual([
    '/',
    '/srv',
  ]);
});

test('a rule that meets what is not there is told, and makes no finding', () => {
  const { findings, notChecked } = made(rule({ when: 'usage.missing > 1' }));

  expect(findings).toEqual([]);
  expect(notChecked).toContainEqual({
    what: 'rule disk.r',
    why: expect.stringContaining('No such key'),
  });
});

test('what an actuator could not see and what a runbook never sees is told', () => {
  expect(made().notChecked).toEqual([
    { what: '/root', why: 'masked' },
    { what: 'the dark', why: 'outside what this runbook sees' },
  ]);
});

test('from a step that brought nothing no finding follows, not even a good one', () => {
  const fine = rule({ severity: 'ok', when: '!usage.mounts.exists(m, m.usedPercent > 99.0)' });

  expect(conclude([disk(fine)], []).findings).toEqual([]);
});

test('an output that is not as expected is told by its step', () => {
  const { notChecked } = conclude([disk()], [result({ mounts: 'all' })]);

  expect(notChecked[0]).toMatchObject({
    what: 'measure',
    why: expect.stringContaining('disk-usage'),
  });
});

test('what only a runbook asked for itself says is spared its composite', () => {
  const part = disk(rule({ alone: true, sentence: 'detail' }), rule({ id: 'q', sentence: 'gist' }));
  const whole = readRunbook({ id: 'sre/all', title: 't', asks, includes: ['sre/disk'] }, 'test');

  expect(said(conclude([part], [measured]))).toEqual(['detail', 'gist']);
  expect(said(conclude([part, whole], [measured]))).toEqual(['gist']);
});

test('a composite replaces the findings that it explains', () => {
  const part = disk(rule({ sentence: 'effect' }));
  const whole = readRunbook(
    {
      id: 'sre/all',
      title: 't',
      asks,
      includes: ['sre/disk'],
      findings: [
        rule({ when: 'disk.usage.mounts.size() == 3', sentence: 'cause', replaces: ['disk.r'] }),
      ],
    },
    'test',
  );

  expect(said(conclude([part, whole], [measured]))).toEqual(['cause']);
});

test('a runbook sees its own steps and those that it includes, and no neighbour’s', () => {
  const stranger = readRunbook(
    { id: 'far/own', title: 't', asks, findings: [rule({ when: 'disk.usage.mounts.size() > 0' })] },
    'test',
  );

  expect(conclude([disk(), stranger], [measured]).findings).toEqual([]);
});

test('a phrase that names no single value makes no finding', () => {
  const { findings, notChecked } = made(rule({ sentence: 'all of {usage.mounts}' }));

  expect(findings).toEqual([]);
  expect(notChecked).toContainEqual({ what: 'rule disk.r', why: '{usage.mounts} names no value' });
});
