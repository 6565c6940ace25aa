import assert from 'node:assert/strict';
import type { BrowserContext, Page } from 'playwright-core';

export const OWNER = {
  company: 'The gift shop',
  name: 'Ada Nowak',
  email: 'ada@example.com',
  password: 'a long enough password',
};

/** Sets a new server up and signs its owner in, with this browser. */
export async function signUpOwner({ request }: Pick<BrowserContext, 'request'>, url: string): Promise<void> {
  const made = await request.post(`${url}/api/setup`, { data: OWNER, headers: { origin: url } });
  assert.ok(made.ok(), await made.text());
}

/** As `signUpOwner`, with the browser of this page, which then shows the console. */
export async function becomeOwner(page: Page, url: string): Promise<void> {
  await signUpOwner(page, url);
  await page.goto(url);
  await page.getByRole('navigation').first().waitFor();
}
