import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { assertAccessible } from './accessible.ts';
import { launchBrowser } from './browser.ts';
import { becomeOwner } from './owner.ts';
import { type RunningServer, startServer } from './server.ts';

let server: RunningServer;
let browser: Browser;
let page: Page;
const problems: string[] = [];
const SHOTS = process.env.SCREENSHOTS;

before(async () => {
  server = await startServer();
  browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, locale: 'en-GB' });
  context.setDefaultTimeout(30_000);
  page = await context.newPage();
  page.on('pageerror', (error) => problems.push(String(error)));
  await becomeOwner(page, server.url);
  await send(answers());
});
after(async () => {
  await browser?.close();
  await server?.remove();
});

async function send(batch: object[]): Promise<void> {
  const key = await server.writeKey('Surveys');
  const answer = await fetch(`${server.url}/v1/batch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ batch }),
  });
  assert.equal(answer.status, 200);
  const report = { kind: 'score', of: 'nps' };
  type Scores = { result: { series: { total: { answers: number } | null }[] } };
  const counted = async () =>
    (await server.api<Scores>('POST', '/api/query', { report })).result.series[0]!.total?.answers;
  while ((await counted()) !== 60) await sleep(100);
}

/** Sixty who answered, a third of them after an error: unhappy ones. */
function answers(): object[] {
  return Array.from({ length: 60 }, (_, index) => {
    const failed = index % 3 === 0;
    const at = (daysAgo: number) => new Date(Date.now() - daysAgo * 86_400_000).toISOString();
    const userId = `customer-${index}`;
    const asked = { surveyId: '1', survey: 'After delivery', responseId: `r${index}`, channel: 'popover' };
    const track = (event: string, properties: object, daysAgo: number) => ({
      ...{ type: 'track', messageId: `m ${index} ${event}`, userId, event, timestamp: at(daysAgo) },
      properties: { ...asked, ...properties },
    });
    return [
      ...(failed ? [track('Error Occurred', { message: 'x' }, 3)] : []),
      track('Survey Shown', {}, 2),
      track(
        'Question Answered',
        {
          ...{ questionId: 'q1', kind: 'nps', score: failed ? 3 : 10, scale: 10 },
          touchpoint: index % 2 ? 'Delivery' : 'Checkout',
        },
        1,
      ),
    ];
  }).flat();
}

const shot = async (name: string) => {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
};

describe('scores, for whoever asks how customers feel', () => {
  it('stand beside each other with their intervals and how many answered', async () => {
    await page.goto(`${server.url}/scores`);
    const nps = page.getByRole('button', { name: /^NPS/ });
    await nps.getByText('+33', { exact: true }).waitFor();
    assert.match((await nps.textContent()) ?? '', /60 answers · 100 ?% of those asked/);
    await page.getByRole('rowheader', { name: /Before it: Error Occurred/ }).waitFor();
    await shot('scores-light');
    await assertAccessible(page, 'scores', { fullPage: true });
  });

  it('say what goes with a low score, and lead to those who had it', async () => {
    const row = page.getByRole('row', { name: /Error Occurred/ });
    assert.match((await row.textContent()) ?? '', /-100/);
    await row.getByRole('button', { name: /Who had it/ }).click();
    const panel = page.getByRole('complementary');
    await shot('scores-people');
    await panel.getByText('customer-0').first().waitFor();
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
  });

  it('stand on a dashboard with what goes with them; what is not drawn there says where it is', async () => {
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('complementary').getByLabel('Name', { exact: true }).waitFor();
    await page.getByRole('complementary').getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('heading', { name: 'NPS: What goes with it', level: 1 }).waitFor();
    // The picture has a table of its own behind it.
    await page
      .getByRole('row', { name: /Before it: Error Occurred/ })
      .last()
      .waitFor();
    const saved = new URL(page.url()).pathname.split('/').at(-1);
    const period = { last: 30, unit: 'day' };
    const at = { w: 6, h: 5, y: 0 };
    const tiles = [
      { kind: 'report', id: 'drivers', ...at, x: 0, title: '', reportId: saved },
      { kind: 'report', id: 'map', ...at, x: 6, title: 'Clicks', report: { kind: 'heatmap', page: '/', period } },
    ];
    // By whoever is signed in: the saved report is theirs.
    const made = await page.request.post(`${server.url}/api/dashboards`, {
      headers: { origin: server.url },
      data: { name: 'How customers feel', description: '', content: { tiles, filters: {}, refreshSeconds: null } },
    });
    assert.ok(made.ok(), await made.text());
    const { id } = (await made.json()) as { id: string };
    await page.goto(`${server.url}/dashboards/${id}`);
    const tile = page.locator('section[data-tile][aria-label="NPS: What goes with it"]');
    await tile.getByRole('figure').locator('svg').first().waitFor();
    await tile.getByRole('button', { name: 'More about NPS: What goes with it' }).click();
    await page.getByRole('menuitem', { name: 'Table and people' }).click();
    const table = page.getByRole('complementary');
    const row = table.getByRole('row', { name: /Before it: Error Occurred/ });
    await row.getByRole('button').first().click();
    await table.getByText('customer-0').first().waitFor();
    await page.keyboard.press('Escape');
    await table.waitFor({ state: 'detached' });
    await shot('drivers-tile');
    await assertAccessible(page, 'drivers-tile');
    await page.locator('section[data-tile][aria-label="Clicks"]').getByRole('link', { name: 'Open it' }).click();
    await page.waitForURL(/\/heatmaps\?r=/);
  });

  it('are told by touchpoint, as a report that can be saved, in the dark too', async () => {
    await page.goto(`${server.url}/scores?r=${encodeURIComponent('(breakdown:(of:property,name:touchpoint))')}`);
    await page
      .getByRole('row', { name: /Delivery/ })
      .first()
      .waitFor();
    if (SHOTS) {
      await page.emulateMedia({ colorScheme: 'dark' });
      await shot('scores-dark');
    }
    await page.getByRole('link', { name: 'Open as a report' }).click();
    await page.waitForURL(/reports\/new\/score/);
    await page
      .getByRole('row', { name: /Checkout/ })
      .first()
      .waitFor();
    await shot('score-report');
    assert.deepEqual(problems, []);
  });
});
