import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { until } from '../src/kernel/testing-until.ts';
import { assertAccessible } from './accessible.ts';
import { launchBrowser } from './browser.ts';
import { type MailServer, startMailServer } from './mail-server.ts';
import { becomeOwner } from './owner.ts';
import { type Site, startSite } from './sdk-site.ts';
import { type RunningServer, startServer } from './server.ts';

let server: RunningServer;
let site: Site;
let mails: MailServer;
let browser: Browser;
/** The console, and a customer's browser. */
let page: Page;
let customer: Page;
const problems: string[] = [];
const SHOTS = process.env.SCREENSHOTS;

const shot = async (on: Page, name: string) => {
  if (SHOTS) await on.screenshot({ path: `${SHOTS}/${name}.png` });
};

before(async () => {
  mails = await startMailServer();
  server = await startServer({ environment: { THROUGHLINE_MAIL_URL: mails.url } });
  site = await startSite();
  browser = await launchBrowser();
  const context = await browser.newContext({ viewport: { width: 1440, height: 1000 }, locale: 'en-GB' });
  context.setDefaultTimeout(30_000);
  page = await context.newPage();
  page.on('pageerror', (error) => problems.push(String(error)));
  await becomeOwner(page, server.url);
  const { writeKey } = await server.api<{ writeKey: string }>('POST', '/api/sources', {
    name: 'shop',
    kind: 'browser',
  });
  // As strict a policy as a site can have.
  const policy = `default-src 'none'; script-src ${server.url}; connect-src ${server.url}; style-src 'self'; frame-ancestors 'none'`;
  site.pages['/checkout'] = {
    html: `<!doctype html><html lang="pl"><title>Kasa</title><script async src="${server.url}/sdk.js" data-write-key="${writeKey}"></script>
<main><h1>Kasa</h1><form><label>Karta <input name="note" value=""></label><button type="button" id="pay">Zapłać</button></form></main>`,
    headers: { 'content-security-policy': policy },
  };
});
after(async () => {
  await browser?.close();
  await site?.close();
  await server?.remove();
  await mails?.close();
});

const customerOpens = async () => {
  const context = await browser.newContext({ locale: 'pl-PL', viewport: { width: 1000, height: 800 } });
  context.setDefaultTimeout(20_000);
  customer = await context.newPage();
  customer.on('pageerror', (error) => problems.push(String(error)));
  await customer.goto(`${site.url}/checkout`);
};

describe('what customers say, from their page to the answer', () => {
  it('is asked for nowhere until the company switches it on, in the console', async () => {
    await page.goto(`${server.url}/voices`);
    await page.getByRole('heading', { name: 'Nobody has said anything yet' }).waitFor();
    await page.getByRole('button', { name: 'Ask for feedback on your pages' }).click();
    const panel = page.getByRole('complementary');
    await panel.getByLabel('Show it on pages with the SDK').check();
    await panel.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('status').getByText('Saved', { exact: true }).waitFor();
    await page.goto(`${server.url}/cases?rules=1`);
    const rules = page.getByRole('complementary');
    await rules.getByRole('button', { name: 'Add a rule' }).click();
    await rules.getByLabel('Name').fill('Unhappy at the checkout');
    await rules.getByLabel('At most').fill('2');
    await rules
      .getByRole('combobox', { name: 'Score', exact: true })
      .or(rules.getByLabel('Score', { exact: true }))
      .first()
      .click();
    await page.getByRole('option', { name: 'Any' }).click();
    await rules.getByRole('button', { name: 'Save' }).click();
    await rules.getByText('Unhappy at the checkout').waitFor();
    await rules.getByRole('button', { name: 'Add a rule' }).click();
    await rules.getByLabel('Name').fill('Lost parcels');
    await rules.getByLabel('At most').fill('');
    await rules.getByLabel('Add a topic').click();
    await page.getByRole('option', { name: 'Delivery', exact: true }).click();
    await rules.getByRole('button', { name: 'Take away the topic Delivery' }).waitFor();
    await assertAccessible(page, 'a rule of cases', { fullPage: true });
    await rules.getByRole('button', { name: 'Save' }).click();
    await rules.getByRole('listitem').filter({ hasText: 'Lost parcels' }).getByText('Delivery · within').waitFor();
    await assertAccessible(page, 'rules of cases', { fullPage: true });
    // What is changed again at once is changed from how it is now, also where the list comes late.
    await page.route('**/api/voices/rules', async (route) => {
      if (route.request().method() === 'GET') await sleep(500);
      await route.continue();
    });
    const lost = rules.getByRole('listitem').filter({ hasText: 'Lost parcels' });
    await lost.getByRole('button', { name: 'Change' }).click();
    await rules.getByLabel('Name').fill('Lost parcels of all kinds');
    await rules.getByRole('button', { name: 'Save' }).click();
    await lost.getByRole('button', { name: 'Change' }).click();
    assert.equal(await rules.getByLabel('Name').inputValue(), 'Lost parcels of all kinds');
    await rules.getByRole('button', { name: 'Cancel' }).click();
    const on = lost.getByRole('switch', { name: 'On' });
    await on.press('Space');
    await on.and(page.locator(':not(:checked)')).waitFor();
    await on.press('Space');
    await on.and(page.locator(':checked')).waitFor();
    await page.unrouteAll({ behavior: 'wait' });
    await until(async () => {
      const { items } = await server.api<{ items: { enabled: boolean }[] }>('GET', '/api/voices/rules');
      return items.every(({ enabled }) => enabled);
    });
  });

  it('opens cases by rules whose conditions are all told, also those that only the API sets', async () => {
    const questions = [{ id: 'q1', kind: 'nps', title: { en: 'How likely?' } }];
    const survey = await server.api<{ id: string }>('POST', '/api/surveys', {
      definition: { name: 'After the parcel', questions },
    });
    const conditions = {
      words: ['a word that nobody says'],
      of: ['Review Posted', 'Survey Answered'],
      surveys: [survey.id, 'one of another program'],
      languages: ['pl', 'it'],
    };
    const rule = await server.api<{ id: string }>('POST', '/api/voices/rules', { name: 'By the API', conditions });
    const told =
      'event: Review Posted or Survey Answered · survey: After the parcel or one of another program · language: Polish or Italian';
    await page.goto(`${server.url}/cases?rules=1`);
    const rules = page.getByRole('complementary');
    const line = rules.getByRole('listitem').filter({ hasText: 'By the API' });
    await line.getByText(`“a word that nobody says” · ${told} · within 24 hours`).waitFor();
    await line.getByRole('button', { name: 'Change' }).click();
    await rules.getByText(`Set by the API, and kept when you save: ${told}`).waitFor();
    await assertAccessible(page, 'a rule by the API', { fullPage: true });
    await rules.getByLabel('Name').fill('By the API and by hand');
    await rules.getByRole('button', { name: 'Save' }).click();
    await rules.getByRole('listitem').filter({ hasText: 'By the API and by hand' }).getByText(told).waitFor();
    const { items } = await server.api<{ items: { id: string; conditions: object }[] }>('GET', '/api/voices/rules');
    const kept = items.find(({ id }) => id === rule.id)!.conditions;
    assert.deepEqual(kept, { ...kept, ...conditions });
  });

  it('comes from a button in the page, in the language of the page, under a strict policy, by keyboard alone', async () => {
    await customerOpens();
    await customer.getByLabel('Karta').fill('4111 secret words');
    const button = customer.getByRole('button', { name: 'Opinia' });
    await button.waitFor();
    await button.focus();
    await customer.keyboard.press('Enter');
    const dialog = customer.getByRole('dialog', { name: 'Jak podoba się Państwu ta strona?' });
    await dialog.waitFor();
    await assertAccessible(customer, 'feedback');
    await dialog.getByRole('radio').first().and(customer.locator(':focus')).waitFor();
    await customer.keyboard.press('Space');
    await dialog
      .getByLabel('Co powinniśmy wiedzieć?')
      .fill('Płatność nie działa, jestem bardzo zły. <b>Oddajcie pieniądze</b>');
    await dialog.getByLabel('E-mail, jeśli mamy odpowiedzieć').fill('jan@customer.example');
    await dialog.getByRole('button', { name: 'Wskaż coś' }).click();
    await customer.locator('#pay').click();
    await dialog.getByText('Zaznaczono element').waitFor();
    await dialog.getByText('Wyślij obraz tej strony').click();
    await shot(customer, 'feedback-widget');
    await dialog.getByRole('button', { name: 'Wyślij', exact: true }).click();
    await dialog.getByText('Dziękujemy! Czytamy każde słowo.').waitFor();
  });

  it('stands in the inbox, understood, with the picture of the page and what was typed masked', async () => {
    await page.goto(`${server.url}/voices`);
    await page.getByText('Płatność nie działa').first().waitFor();
    for (let tries = 0; tries < 50 && (await page.getByText('Not understood yet').count()) > 0; tries++) {
      await sleep(300);
      await page.reload();
      await page.getByText('Płatność nie działa').first().waitFor();
    }
    await page.getByRole('article').getByText('Negative').waitFor();
    await shot(page, 'voices-inbox');
    await assertAccessible(page, 'voices', { fullPage: true });
    await page.getByRole('article').getByRole('button').first().click();
    const panel = page.getByRole('complementary');
    await panel.getByText('#pay').waitFor();
    const frame = panel.frameLocator('iframe');
    await frame.getByRole('heading', { name: 'Kasa' }).waitFor();
    const shown = await frame.locator('body').innerHTML();
    assert.doesNotMatch(shown, /secret/);
    await shot(page, 'voice-panel');
    await assertAccessible(page, 'a voice', { fullPage: true });
  });

  it('is looked through by filters, and what came by the one before does not stand there as if it fitted', async () => {
    await page.goto(`${server.url}/voices?mood=positive`);
    await page.getByRole('heading', { name: 'Nothing fits' }).waitFor();
    let comes = Promise.withResolvers<void>();
    await page.route(/\/api\/voices\?/, async (route) => {
      await comes.promise;
      await route.continue();
    });
    await page.getByRole('button', { name: 'Clear the filters' }).press('Enter');
    await page.getByRole('main').locator('[aria-busy=true]').getByRole('status').waitFor({ state: 'attached' });
    assert.equal(await page.getByRole('heading', { name: 'Nobody has said anything yet' }).count(), 0);
    comes.resolve();
    await page.locator('[aria-busy=false]').getByRole('article').waitFor();
    comes = Promise.withResolvers();
    await page
      .getByRole('textbox', { name: 'Mood' })
      .or(page.getByRole('combobox', { name: 'Mood' }))
      .first()
      .click();
    await page.getByRole('option', { name: 'Neutral' }).click();
    await page.locator('[data-outdated][aria-busy=true]').getByRole('article').waitFor();
    comes.resolve();
    await page.getByRole('heading', { name: 'Nothing fits' }).waitFor();
    await page.unrouteAll({ behavior: 'wait' });
  });

  it('opens a case by a rule, which is answered by mail, and the customer says that it is solved', async () => {
    await page.goto(`${server.url}/cases`);
    await page.getByRole('cell', { name: 'Unhappy at the checkout' }).waitFor();
    const { items } = await server.api<{ items: { id: string }[] }>('GET', '/api/voices/cases?state=waiting');
    assert.equal(items.length, 1);
    await page.goto(`${server.url}/cases?item=${items[0]!.id}`);
    const panel = page.getByRole('complementary');
    await panel.getByLabel('Answer').fill('Przepraszamy! Płatność znów działa.');
    await shot(page, 'case-panel');
    await assertAccessible(page, 'a case', { fullPage: true });
    await panel.getByRole('button', { name: 'Send' }).click();
    await panel.getByText('answered by mail').waitFor();
    const mail = await mails.next();
    assert.equal(mail.to, 'jan@customer.example');
    const link = /https?:\/\/\S+\/case\/\S+/.exec(mail.text)![0];
    await customer.goto(link);
    await customer.getByLabel('Tak, rozwiązana').check();
    await shot(customer, 'case-customer');
    await assertAccessible(customer, 'whether it is solved');
    await customer.getByRole('button', { name: 'Wyślij' }).click();
    await customer.getByRole('heading', { name: 'Dziękujemy' }).waitFor();
    await page.goto(`${server.url}/cases?state=closed`);
    await page.getByText('Content again').first().waitFor();
    await assertAccessible(page, 'cases', { fullPage: true });
    assert.deepEqual(problems, []);
  });

  it('has topics that people change, and every voice is sorted anew by them', async () => {
    await page.goto(`${server.url}/voices?panel=topics`);
    const panel = page.getByRole('complementary');
    await panel.getByRole('button', { name: 'New topic' }).click();
    await panel.getByLabel('Name').fill('Paying');
    await panel.getByLabel('Words: Polish').fill('płatność, pieniądz');
    await panel.getByRole('button', { name: 'Save' }).click();
    await panel.getByRole('list', { name: 'Topics' }).getByText('Paying').first().waitFor();
    await page.goto(`${server.url}/voices`);
    for (let tries = 0; tries < 50 && (await page.getByRole('article').getByText('Paying').count()) === 0; tries++) {
      await sleep(300);
      await page.reload();
      await page.getByRole('article').first().waitFor();
    }
    await page.getByRole('article').getByText('Paying').waitFor();
  });

  it('keeps each of two topics taken away that were taken away quickly', async () => {
    const { items: topics } = await server.api<{ items: { id: number; name: string }[] }>('GET', '/api/voices/topics');
    const [{ id }] = (await server.api<{ items: [{ id: string }] }>('GET', '/api/voices?limit=1')).items;
    const two = topics.filter(({ name }) => name === 'Paying' || name === 'Delivery');
    await server.api('PATCH', `/api/voices/${id}`, { topics: two.map((topic) => topic.id) });
    await page.goto(`${server.url}/voices?voice=${id}`);
    await page.route(`**/api/voices/${id}`, async (route) => {
      if (route.request().method() === 'PATCH') await sleep(300);
      await route.continue();
    });
    const panel = page.getByRole('complementary');
    for (const { name } of two) await panel.getByRole('button', { name: `Take away the topic ${name}` }).click();
    const left = async () => (await server.api<{ topics: object[] }>('GET', `/api/voices/${id}`)).topics.length;
    await until(async () => (await left()) === 0);
    await page.unrouteAll({ behavior: 'wait' });
    assert.equal(await left(), 0, 'nor does a later answer bring one back');
  });
});
