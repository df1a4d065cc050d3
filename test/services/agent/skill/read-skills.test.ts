import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readSkills, readSynonyms } from '#services/agent/skill/read-skills.ts';

const MARKDOWN = '---\nname: own\ndescription: d\nallowed-tools: exec\n---\n\n# own\n';
const asks = ['one thing', 'other thing', 'third thing'];
const steps = [{ id: 'go', title: 'go', actuator: 'exec', parse: 'exec' }];
const runbook = (id: string, more: object = {}) =>
  JSON.stringify({ id, title: 't', asks, ...more });

test('a skill is its front matter and its runbooks', () => {
  const folder = folderOf({ 'own/SKILL.md': MARKDOWN, 'own/runbooks/a.yaml': runbook('own/a') });

  const [skill] = readSkills([folder]);

  expect(skill).toMatchObject({
    name: 'own',
    description: 'd',
    version: '0',
    allowedTools: ['exec'],
  });
  expect(skill?.runbooks.map(({ id }) => id)).toEqual(['own/a']);
});

test('the skills that ship can be read, and name what they call', () => {
  const skills = readSkills(['skills']);

  expect(skills.map(({ name, version }) => `${name} ${version}`)).toEqual(['sre 1.0.0']);
  expect(skills[0]?.runbooks.map(({ id }) => id)).toEqual([
    'sre/disk',
    'sre/logs',
    'sre/processes',
    'sre/triage',
  ]);
});

test.each<[string, Record<string, string>, string]>([
  ['without front matter', { 'own/SKILL.md': '# own' }, 'SKILL.md'],
  ['with another name than its folder', { 'other/SKILL.md': MARKDOWN }, 'name of its folder'],
  ['whose YAML is broken', { 'own/SKILL.md': '---\nname: [\n---\n' }, 'SKILL.md'],
  ['whose runbook is broken', own('a', '{'), 'a.yaml'],
  ['whose runbook has a wrong key', own('a', runbook('own/a', { stps: [] })), 'stps'],
  [
    'whose runbook has another id than its file',
    own('a', runbook('own/b')),
    'expected the id own/a',
  ],
  ['that includes what is not there', own('a', runbook('own/a', { includes: ['own/z'] })), 'own/z'],
  ['that includes itself', own('a', runbook('own/a', { includes: ['own/a'] })), 'includes itself'],
  [
    'that calls what it may not',
    own('a', runbook('own/a', { steps: [{ ...steps[0], actuator: 'export_file' }] })),
    'not among the allowed-tools',
  ],
  [
    'that names no parser',
    own('a', runbook('own/a', { steps: [{ ...steps[0], parse: 'tea-leaves' }] })),
    'no parser tea-leaves',
  ],
])('a skill %s is refused, and the file is named', (_, files, message) => {
  const folder = folderOf(files);

  const read = () => readSkills([folder]);

  expect(read).toThrow(expect.objectContaining({ code: 'AGENT_SKILL_INVALID' }));
  expect(read).toThrow(message);
});

test('two runbooks that go in circles are refused', () => {
  const files = {
    ...own('a', runbook('own/a', { includes: ['own/b'] })),
    'own/runbooks/b.yaml': runbook('own/b', { includes: ['own/a'] }),
  };

  expect(() => readSkills([folderOf(files)])).toThrow('includes itself');
});

test('a composite of two runbooks with one short name is refused', () => {
  const files = {
    ...own('a', runbook('own/a', { includes: ['far/a'] })),
    'far/SKILL.md': MARKDOWN.replace('own', 'far'),
    'far/runbooks/a.yaml': runbook('far/a'),
  };

  expect(() => readSkills([folderOf(files)])).toThrow('one short name');
});

test('synonyms are rows of words; a folder need not have any', () => {
  const folder = folderOf({ 'synonyms.yaml': '- [disk, drive]\n' });

  expect(readSynonyms([folder, folderOf({})])).toEqual([['disk', 'drive']]);
});

test('synonyms that are no rows are refused', () => {
  const folder = folderOf({ 'synonyms.yaml': 'disk: drive\n' });

  expect(() => readSynonyms([folder])).toThrow(
    expect.objectContaining({ code: 'AGENT_SKILL_INVALID' }),
  );
});

function own(name: string, text: string): Record<string, string> {
  return { 'own/SKILL.md': MARKDOWN, [`own/runbooks/${name}.yaml`]: text };
}

function folderOf(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'skills-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}
