import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** Where pictures of the screens go, for people to look at; none are taken without it. */
const pictures = process.env.SCREENSHOTS;

/** The page is drawn, and nothing on it is changing its colour any more. */
const SETTLED = `new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))
  .then(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => null))))`;

/**
 * Nothing that axe finds on a page: every rule in the light scheme, contrast in the dark one, where only colours differ.
 * Leaves the page in the light scheme.
 */
export async function assertAccessible(page: Page, what: string, options: { fullPage?: boolean } = {}): Promise<void> {
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.evaluate(SETTLED);
    if (pictures) {
      mkdirSync(pictures, { recursive: true });
      await page.screenshot({ path: `${pictures}/${what}-${colorScheme}.png`, fullPage: options.fullPage ?? false });
    }
    // Without frames of other origins there is no need for axe's way around them, which opens a page each time.
    const axe = new AxeBuilder({ page }).setLegacyMode(true);
    if (colorScheme === 'dark') axe.withRules(['color-contrast']);
    const { violations } = await axe.analyze();
    const found = violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.any[0]?.message ?? ''}`).join(' | ')}`,
    );
    assert.deepEqual(found, [], `${what}, ${colorScheme}`);
  }
}
