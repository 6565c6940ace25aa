import { setTimeout as sleep } from 'node:timers/promises';
import { launchBrowser } from '../test/browser.ts';
import { type RunningServer, startServer } from '../test/server.ts';
import { basic } from './intake.ts';

export interface CatalogueResult {
  /** Milliseconds of the server for the list of all names, in pages of 200, one after another: each page, sorted. */
  pages: number[];
  /** Of one event with all that is known of it. */
  detail: number;
  /** From asking for the address to the first names drawn, and to the last of all names. */
  drawn: number;
  allDrawn: number;
}

/** A catalogue of `names` event names, each sent on a few days with ten properties, as its page reads it. */
export async function catalogue(names: number): Promise<CatalogueResult> {
  const server = await startServer();
  try {
    await fill(server, names);
    await readAll(server);
    await sleep(3500);
    const pages = await readAll(server);
    const started = performance.now();
    await server.api('GET', '/api/catalogue/events/Event%207');
    const detail = performance.now() - started;
    return { pages: pages.sort((a, b) => a - b), detail, ...(await draw(server, names)) };
  } finally {
    await server.remove();
  }
}

const DAYS = 14;
/** A page that stops drawing is a fault, not a figure. */
const DRAW_MS = 60_000;

async function fill(server: RunningServer, names: number): Promise<void> {
  const key = await server.writeKey('bench');
  for (let day = 0; day < DAYS; day++) {
    for (let from = 0; from < names; from += 500) {
      const batch = Array.from({ length: Math.min(500, names - from) }, (_, i) => ({
        type: 'track',
        event: `Event ${from + i}`,
        userId: `u${(from + i) % 100}`,
        timestamp: new Date(Date.now() - day * 86_400_000).toISOString(),
        properties: Object.fromEntries(Array.from({ length: 10 }, (_, p) => [`property_${p}`, p % 2 ? p : `v${p}`])),
      }));
      const answer = await fetch(`${server.url}/v1/batch`, {
        method: 'POST',
        headers: { authorization: basic(key), 'content-type': 'application/json' },
        body: JSON.stringify({ batch }),
      });
      if (!answer.ok) throw new Error(`A batch was answered with ${answer.status}`);
    }
  }
  for (;;) {
    const { names: known } = await server.api<{ names: number }>('GET', '/api/catalogue/plan');
    const [source] = (await server.api<{ items: { eventCount: number }[] }>('GET', '/api/sources')).items;
    if (known >= names && source!.eventCount >= names * DAYS) return;
    await sleep(250);
  }
}

async function readAll(server: RunningServer): Promise<number[]> {
  const times: number[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const started = performance.now();
    const page: { nextCursor: string | null } = await server.api(
      'GET',
      `/api/catalogue/events?limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`,
    );
    times.push(performance.now() - started);
    cursor = page.nextCursor;
  }
  return times;
}

async function draw(server: RunningServer, names: number): Promise<{ drawn: number; allDrawn: number }> {
  await server.api('POST', '/api/setup', {
    company: 'Bench',
    name: 'Bench',
    email: 'bench@example.com',
    password: 'a long enough password',
  });
  const browser = await launchBrowser();
  try {
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
    await page.goto(`${server.url}/sign-in`);
    await page.getByLabel('E-mail').fill('bench@example.com');
    await page.getByLabel('Password', { exact: true }).fill('a long enough password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('navigation').first().waitFor();
    const started = performance.now();
    await page.goto(`${server.url}/catalogue`);
    await page.locator('tbody tr').nth(20).waitFor();
    const drawn = performance.now() - started;
    for (;;) {
      const rows = await page.locator('tbody tr').count();
      if (rows >= names) break;
      if (performance.now() - started > DRAW_MS) throw new Error(`Only ${rows} of ${names} names were drawn.`);
      await page.evaluate('scrollTo(0, document.body.scrollHeight)');
      await sleep(20);
    }
    return { drawn, allDrawn: performance.now() - started };
  } finally {
    await browser.close();
  }
}
