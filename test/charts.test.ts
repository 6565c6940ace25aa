import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import react from '@vitejs/plugin-react';
import { parse } from 'csv-parse/sync';
import type { Browser, Locator, Page } from 'playwright-core';
import { build } from 'vite';
import { LIGHT, stillTheme } from '../src/kernel/chart/colours.ts';
import { englishWords } from '../src/kernel/chart/english.ts';
import { EXAMPLES, hostile } from '../src/kernel/chart/example-specs.testing.ts';
import { heightOf } from '../src/kernel/chart/height.ts';
import { chartPicture } from '../src/kernel/chart/picture.ts';
import { assertAccessible } from './accessible.ts';
import { launchBrowser } from './browser.ts';

const TYPES: Record<string, string> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
};
/** As the console's: nothing of a chart may need more. */
const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:";
const HTML =
  '<!doctype html><html lang="en" data-mantine-color-scheme="light"><title>Charts</title>' +
  '<link rel="stylesheet" href="/style.css"><div id="root"></div><script type="module" src="/page.js"></script></html>';

/** The width of a picture as the browser of the page decodes it; refuses a document that is none. */
const DECODED = `async (text) => {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
  await image.decode();
  return image.naturalWidth;
}`;

const PATIENCE_MS = 15_000;
const folder = mkdtempSync(join(tmpdir(), 'throughline-charts-'));
let server: Server;
let browser: Browser;
let page: Page;
let url: string;
const problems: string[] = [];

/** The console's own components in a page of their own, built as the console is. */
async function buildPage(): Promise<void> {
  await build({
    configFile: false,
    root: fileURLToPath(new URL('../web', import.meta.url)),
    plugins: [react()],
    publicDir: false,
    logLevel: 'error',
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'es2023',
      cssCodeSplit: false,
      chunkSizeWarningLimit: 2_000,
      rolldownOptions: {
        input: fileURLToPath(new URL('../web/src/kit/chart/gallery.testing.tsx', import.meta.url)),
        output: { entryFileNames: 'page.js', assetFileNames: '[name][extname]' },
      },
    },
  });
}

before(async () => {
  await buildPage();
  server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://x').pathname;
    response.setHeader('content-security-policy', POLICY);
    try {
      const body = path === '/' ? HTML : readFileSync(join(folder, path));
      response.setHeader('content-type', TYPES[path === '/' ? '.html' : extname(path)] ?? 'application/octet-stream');
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 1320, height: 900 }, locale: 'en-GB' });
  context.setDefaultTimeout(PATIENCE_MS);
  page = await context.newPage();
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !message.text().includes('favicon'))
      problems.push(message.text());
  });
});
after(async () => {
  await browser?.close();
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

const chart = (name: string) => page.locator(`[data-example="${name}"]`);
const svgOf = (name: string) => chart(name).locator('[data-picture] svg');

async function open(query = ''): Promise<void> {
  await page.goto(`${url}/${query}`);
  for (const [name, of] of Object.entries(EXAMPLES)) {
    const table = of.kind === 'grid' || of.kind === 'number' || (of.kind === 'retention' && of.shape === 'table');
    if (!table) await svgOf(name).locator('path').first().waitFor({ state: 'attached' });
  }
}

async function menu(name: string, item: string): Promise<void> {
  await chart(name).getByRole('button', { name: 'Chart: table and download' }).click();
  await chart(name).getByRole('menuitem', { name: item }).click();
}

/** Waits until a click is told as leading to `expected`. */
async function assertSelected(expected: object): Promise<void> {
  const told = async () => JSON.parse((await page.getByLabel('Selected').textContent()) || 'null') as unknown;
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(50)) {
    if (isDeepStrictEqual(await told(), expected)) return;
  }
  assert.deepEqual(await told(), expected);
}

const focused = (one: Locator) => one.and(page.locator(':focus')).waitFor();

describe('charts in the console', { timeout: 180_000 }, () => {
  it('draws each kind in both schemes, without anything that keeps somebody out', async () => {
    await open();
    await assertAccessible(page, 'charts', { fullPage: true });
    await page.getByText('Nothing to show yet').waitFor();
    assert.deepEqual(problems, []);
  });

  it('draws again in the colours of the other scheme', async () => {
    await svgOf('line').locator('path[stroke="#4e4cd3" i]').first().waitFor({ state: 'attached' });
    await page.emulateMedia({ colorScheme: 'dark' });
    await svgOf('line').locator('path[stroke="#8083f6"]').first().waitFor({ state: 'attached' });
    await page.emulateMedia({ colorScheme: 'light' });
    await svgOf('line').locator('path[stroke="#4e4cd3"]').first().waitFor({ state: 'attached' });
  });

  it('leads from a click to what is behind it', async () => {
    const click = (name: string, x: number, y: number) => svgOf(name).click({ position: { x, y }, force: true });
    await click('across', 150, 24);
    await assertSelected({ kind: 'bars', series: 'people', index: 0, item: 'Direct' });
    await click('flow', 6, 60);
    await assertSelected({ kind: 'flow', item: '0/home' });
    const { width, height } = (await svgOf('line').boundingBox())!;
    await click('line', width - 12, height - 70);
    await assertSelected({ kind: 'time', series: 'returns', index: 20, item: '2026-07-21' });
    await chart('triangle')
      .getByRole('button', { name: /^Week of 1 Jul, Week 1: 52%/ })
      .click();
    await assertSelected({ kind: 'retention', series: 'c0', index: 1 });
    await chart('number')
      .getByRole('button', { name: /show what is behind it/ })
      .click();
    await assertSelected({ kind: 'number' });
  });

  it('leads there by keyboard too: through the table', async () => {
    await chart('map').getByRole('figure', { name: 'Chart map' }).focus();
    await page.keyboard.press('Tab');
    await focused(chart('map').getByRole('button', { name: 'Chart: table and download' }));
    await page.keyboard.press('Enter');
    await focused(chart('map').getByRole('menuitem', { name: 'Show as table' }));
    await page.keyboard.press('Enter');
    await chart('map').getByRole('button', { name: '4,820' }).focus();
    await page.keyboard.press('Enter');
    await assertSelected({ kind: 'map', item: 'GB' });
    await menu('map', 'Show as chart');
    await svgOf('map').locator('path').first().waitFor({ state: 'attached' });
  });

  it('puts a series aside and takes it back, without a change of colours', async () => {
    const entry = chart('line').getByRole('button', { name: 'Returns' });
    const lines = svgOf('line').locator('path[stroke="#09877b"], path[stroke="#d5734e"]');
    await lines.first().waitFor({ state: 'attached' });
    const before = await lines.count();
    await entry.click();
    await chart('line').getByRole('button', { name: 'Returns', pressed: false }).waitFor();
    await svgOf('line').locator('path[stroke="#d5734e"]').first().waitFor({ state: 'detached' });
    await entry.click();
    await svgOf('line').locator('path[stroke="#d5734e"]').first().waitFor({ state: 'attached' });
    await lines.nth(before - 1).waitFor({ state: 'attached' });
    assert.equal(await lines.count(), before);
  });

  it('saves the picture and its values', async () => {
    const save = async (name: string, item: string) => {
      const [file] = await Promise.all([page.waitForEvent('download'), menu(name, item)]);
      return { name: file.suggestedFilename(), content: readFileSync((await file.path())!) };
    };
    const png = await save('line', 'Download PNG');
    assert.match(png.name, /^chart-line-\d{4}-\d\d-\d\d\.png$/);
    assert.equal(png.content.subarray(1, 4).toString('latin1'), 'PNG');
    const width = await chart('line')
      .locator('figure')
      .evaluate((one) => one.clientWidth);
    assert.equal(png.content.readUInt32BE(16), width * 2);
    assert.ok(png.content.length > 8_000, `${png.content.length}`);
    const svg = await save('hours', 'Download SVG');
    assert.match(svg.content.toString(), /^<svg [\s\S]*Wednesday/);
    const csv = await save('bar', 'Download CSV');
    const rows = parse(csv.content, { bom: true }) as string[][];
    assert.deepEqual(rows[0], ['Period', 'Revenue [EUR]', 'Revenue (before) [EUR]']);
    assert.equal(rows.length, 9);
  });

  it('makes documents that a browser takes for pictures, whatever the names are', async () => {
    for (const [name, of] of Object.entries(EXAMPLES)) {
      for (const spec of [of, hostile(of)]) {
        const drawing = { theme: stillTheme(LIGHT), words: englishWords(), width: 640, height: heightOf(spec) };
        const svg = await chartPicture(spec, drawing);
        const size = await page.evaluate(`(${DECODED})(${JSON.stringify(svg)})`);
        assert.equal(size, 640, name);
      }
    }
  });

  it('runs nothing that a name contains, neither drawn nor beside the pointer nor in a table', async () => {
    await open('?hostile');
    for (const name of ['line', 'across', 'funnel', 'flow', 'map', 'scatter', 'overlap']) {
      const box = (await svgOf(name).boundingBox())!;
      await svgOf(name).scrollIntoViewIfNeeded();
      for (const [x, y] of [
        [0.3, 0.5],
        [0.6, 0.6],
        [0.45, 0.2],
      ] as const) {
        await svgOf(name).hover({ position: { x: box.width * x, y: box.height * y }, force: true });
      }
    }
    await chart('line').getByText('<img src=x onerror=alert(1)>').first().waitFor({ state: 'attached' });
    await svgOf('line').hover({ position: { x: 300, y: 120 }, force: true });
    await chart('line').locator('.chart-tip', { hasText: '<img src=x' }).waitFor();
    assert.equal(await page.locator('img').count(), 0);
    assert.deepEqual(problems, []);
  });

  it('stands the other way round where one reads from right to left', async () => {
    await open('?rtl');
    const [axis, whole] = await Promise.all([
      svgOf('bar').getByText('€0', { exact: true }).boundingBox(),
      svgOf('bar').boundingBox(),
    ]);
    assert.ok(axis!.x > whole!.x + whole!.width / 2);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    if (process.env.SCREENSHOTS)
      await page.screenshot({ path: `${process.env.SCREENSHOTS}/charts-rtl.png`, fullPage: true });
  });
});
