import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../test/browser.ts';

const require = createRequire(import.meta.url);
/** A stylesheet of the size that sites have. */
const css = readFileSync(require.resolve('@mantine/core/styles.css'), 'utf8');
const recorder = readFileSync(
  new URL('record.umd.min.cjs', new URL('.', `file://${require.resolve('@rrweb/record')}`)),
  'utf8',
);

/** Pages of our own, each with a visitor's own words in it, and what the visitor does there. */
export interface Site {
  name: string;
  html(visitor: string): string;
  act(page: Page): Promise<void>;
}

const head = (title: string) =>
  `<!doctype html><meta charset="utf-8"><title>${title}</title><style>${css}</style><body class="mantine-AppShell-root">`;
/** Words that differ from visitor to visitor. */
function wordsOf(visitor: string, count: number): string {
  let seed = [...visitor].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) >>> 0;
  const next = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed / 2 ** 32;
  };
  const letters = 'aaeeioubcdfghlmnprstvz';
  const word = () =>
    Array.from({ length: 3 + next() * 7 }, () => letters[Math.floor(next() * letters.length)]).join('');
  return Array.from({ length: count }, word).join(' ');
}

export const SITES: readonly Site[] = [
  {
    name: 'a shop: list of products, filter, details',
    html: (visitor) => {
      const cards = wordsOf(visitor, 480)
        .match(/(\S+ ){4}/g)!
        .map(
          (words, n) =>
            `<div class="mantine-Card-root m_e615b15f" data-price="${n}"><h3 class="mantine-Title-root m_8a5d1357">${words}</h3><p class="mantine-Text-root m_b6d8b162">${words}${words}</p><button class="mantine-Button-root m_77c9d27d"><span class="mantine-Button-label">Add</span></button></div>`,
        );
      return `${head('Shop')}<input id="q" class="mantine-Input-input"><div id="list">${cards.join('')}</div><div id="basket"></div><script>
        const list = [...document.querySelectorAll('.mantine-Card-root')];
        document.querySelector('#q').oninput = (e) => list.forEach((c) => c.hidden = !c.textContent.includes(e.target.value));
        document.onclick = (e) => { const c = e.target.closest('.mantine-Card-root'); if (!c) return;
          const li = document.createElement('p'); li.className = 'mantine-Text-root'; li.textContent = c.querySelector('h3').textContent;
          document.querySelector('#basket').append(li); };</script>`;
    },
    async act(page) {
      for (let n = 1; n <= 6; n++) {
        await page.mouse.move(100 + n * 90, 100 + n * 60, { steps: 12 });
        await page
          .locator('.mantine-Card-root button')
          .nth(n * 3)
          .click();
        await page.mouse.wheel(0, 300);
        await sleep(600);
      }
      await page.locator('#q').pressSequentially('ar', { delay: 150 });
      await sleep(800);
    },
  },
  {
    name: 'a checkout: a form with checks',
    html: (visitor) => {
      const fields = ['name', 'street', 'city', 'code', 'phone', 'mail', 'card', 'note'].map(
        (name) =>
          `<div class="mantine-InputWrapper-root m_46b77525"><label class="mantine-InputWrapper-label m_8fdc1311" for="${name}">${name}</label><div class="mantine-Input-wrapper m_6c018570"><input id="${name}" class="mantine-Input-input m_8fb7ebe7"></div><p class="mantine-InputWrapper-error m_8f816625"></p></div>`,
      );
      return `${head('Checkout')}<h1>Hello ${visitor}</h1><p>${wordsOf(visitor, 200)}</p><form>${fields.join('')}</form><script>
        document.oninput = (e) => { const field = e.target.closest('.mantine-InputWrapper-root');
          field.querySelector('p').textContent = e.target.value.length < 5 ? 'Too short' : '';
          field.classList.toggle('error', e.target.value.length < 5); };</script>`;
    },
    async act(page) {
      for (const name of ['name', 'street', 'city', 'phone']) {
        await page.mouse.move(200, 150, { steps: 8 });
        await page.locator(`#${name}`).click();
        await page.locator(`#${name}`).pressSequentially('Some text here', { delay: 60 });
        await sleep(300);
      }
    },
  },
  {
    name: 'a dashboard: numbers that change all the time',
    html: (visitor) => {
      const rows = wordsOf(visitor, 150)
        .split(' ')
        .map(
          (word) =>
            `<tr class="mantine-Table-tr"><td class="mantine-Table-td">${word}</td><td class="mantine-Table-td n">0</td></tr>`,
        );
      return `${head('Numbers')}<table class="mantine-Table-table"><tbody>${rows.join('')}</tbody></table><script>
        const cells = document.querySelectorAll('.n');
        setInterval(() => { for (let i = 0; i < 8; i++) cells[Math.floor(Math.random() * cells.length)].textContent = Math.floor(Math.random() * 1e6); }, 250);</script>`;
    },
    async act(page) {
      for (let n = 0; n < 8; n++) {
        await page.mouse.move(150 + n * 60, 500 - n * 40, { steps: 10 });
        await page.mouse.wheel(0, n % 2 === 0 ? 400 : -300);
        await sleep(900);
      }
    },
  },
];

/** Records visits of a site by rrweb in a real browser, each in a window of its own. */
export async function recordVisits(site: Site, visitors: readonly string[]): Promise<unknown[][]> {
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(site.html(decodeURIComponent(request.url!.slice(1))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const browser = await launchBrowser();
  try {
    return await Promise.all(visitors.map((visitor) => visit(browser, site, `http://127.0.0.1:${port}/${visitor}`)));
  } finally {
    await browser.close();
    server.close();
    server.closeAllConnections();
  }
}

async function visit(browser: Browser, site: Site, url: string): Promise<unknown[]> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  await page.goto(url);
  await page.addScriptTag({ content: recorder });
  await page.evaluate(
    `window.recorded = []; rrwebRecord.record({ emit: (event) => recorded.push(event), maskAllInputs: true })`,
  );
  await site.act(page);
  const events = JSON.parse(await page.evaluate<string>('JSON.stringify(recorded)')) as unknown[];
  await page.context().close();
  return events;
}
