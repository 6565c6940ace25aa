import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';

const OWNER = {
  company: 'The gift shop',
  name: 'Ada Nowak',
  email: 'ada@example.com',
  password: 'a long enough password',
};

/** Sets a new server up and signs its owner in, with the browser of this page, which then shows the console. */
export async function becomeOwner(page: Page, url: string): Promise<void> {
  const made = await page.request.post(`${url}/api/setup`, { data: OWNER, headers: { origin: url } });
  assert.ok(made.ok(), await made.text());
  await page.goto(url);
  await page.getByRole('navigation').first().waitFor();
}
