import type { Page } from 'playwright-core';
import type { Stack } from '../e2e/stack.ts';

/** Makes a key on the page that is open, and the command that the page shows endorses it. */
export async function enrol(
  page: Page,
  stack: Stack,
  { name, kind, mine = false }: { name: string; kind: 'Passkey' | 'Device key'; mine?: boolean },
): Promise<void> {
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('radio', { name: kind }).check();
  await page.getByRole('button', { name: 'Make the key' }).click();
  const command = page.getByText(mine ? 'people endorse --mine' : /people endorse n-/);
  const [, ...words] = (await command.innerText()).split(' ');
  const endorsed = await stack.cli(...words);
  if (endorsed.code !== 0) throw new Error(`not endorsed (${endorsed.code}): ${endorsed.err}`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Ask', level: 1 }).waitFor();
}

/** Goes to a view by its link. */
export async function go(page: Page, view: 'Ask' | 'Approvals' | 'Audit' | 'Machine') {
  await page.getByRole('link', { name: view }).click();
  await page.getByRole('heading', { name: view, level: 1 }).waitFor();
}
