import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

/** Where pictures of the screens go, for people to look at; none are taken without it. */
const pictures = process.env.SCREENSHOTS;

/** As a page is given it, small: each page that is looked at has to read it. */
const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** Some screens are looked at while they wait: for so long it is waited for what a page says is on its way. */
const BUSY_MS = 5_000;

/**
 * The page is drawn with what it has asked for, nothing on it is dimmed as outdated, and nothing changes its colour any
 * more, for some frames in a row: changes begin late.
 */
const SETTLED = `(async () => {
  const busyUntil = performance.now() + ${BUSY_MS};
  for (let still = 0; still < 4; still++) {
    await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
    const busy = performance.now() < busyUntil && document.querySelector('main [aria-busy="true"]');
    if (busy || document.querySelector('[data-outdated]')) {
      still = -1;
      continue;
    }
    const moving = document.getAnimations().filter((one) => one.pending || one.playState === 'running');
    if (moving.length === 0) continue;
    still = -1;
    await Promise.all(moving.map((one) => one.finished.catch(() => null)));
  }
})()`;

/** Resolves when the page is drawn with what it has asked for, and nothing on it moves. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate(SETTLED);
}

/** Only what is wrong is gathered: selectors for all that is right are most of the work. */
const HOW = { resultTypes: ['violations'], selectors: false, preload: false };

/** As the page's own scripts would call it; axe stays in a document until that is left. */
async function violations(page: Page, options: object) {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(`${AXE}; undefined`);
  const found = await page.evaluate(`axe.run(document, ${JSON.stringify({ ...HOW, ...options })})
    .then(({ violations, passes }) => ({ violations, passes: passes.length }))`);
  return found as Pick<AxeResults, 'violations'> & { passes: number };
}

/**
 * Nothing that axe finds on a page: every rule in the light scheme, contrast in the dark one, where only colours differ.
 * Leaves the page in the light scheme.
 */
export async function assertAccessible(page: Page, what: string, options: { fullPage?: boolean } = {}): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await settled(page);
    if (pictures) {
      mkdirSync(pictures, { recursive: true });
      await page.screenshot({ path: `${pictures}/${what}-${colorScheme}.png`, fullPage: options.fullPage ?? false });
    }
    const only = colorScheme === 'dark' ? { runOnly: { type: 'rule', values: ['color-contrast'] } } : {};
    const result = await violations(page, only);
    const found = result.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.any[0]?.message ?? ''}`).join(' | ')}`,
    );
    assert.deepEqual(found, [], `${what}, ${colorScheme}`);
    assert.ok(colorScheme === 'dark' || result.passes > 5, `axe looked at ${what}`);
  }
}
