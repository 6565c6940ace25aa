import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { until } from '../src/kernel/testing-until.ts';
import { assertAccessible as assertPageAccessible } from './accessible.ts';
import { launchBrowser } from './browser.ts';
import { type MailServer, startMailServer } from './mail-server.ts';
import { becomeOwner } from './owner.ts';
import { type RunningServer, startServer } from './server.ts';

let server: RunningServer;
let mails: MailServer;
let browser: Browser;
let context: BrowserContext;
let page: Page;
const problems: string[] = [];

before(async () => {
  mails = await startMailServer();
  server = await startServer({ environment: { THROUGHLINE_MAIL_URL: mails.url } });
  browser = await launchBrowser();
  context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
  context.setDefaultTimeout(15_000);
  page = await context.newPage();
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 40[0-9]/.test(message.text())) problems.push(message.text());
  });
  await becomeOwner(page, server.url);
});
after(async () => {
  await browser?.close();
  await server?.remove();
  await mails?.close();
});

const assertAccessible = (what: string) => assertPageAccessible(page, what, { fullPage: true });
const saved = () =>
  page
    .getByRole('status')
    .filter({ hasText: /^Saved$/ })
    .waitFor();
const questions = () => page.getByRole('list', { name: 'Questions' });
const preview = () => page.frameLocator('iframe[title="Preview"]');

const textOf = (name: string) => page.getByRole('textbox', { name, exact: true });

/** Adds a question and types at once what it asks: it has the focus, and nothing takes it back. */
async function add(kind: string, title: string, by: 'pointer' | 'keyboard' = 'pointer'): Promise<void> {
  const button = page.getByRole('button', { name: 'Add a question' });
  await (by === 'pointer' ? button.click() : button.press('Enter'));
  await page.getByRole('combobox', { name: 'Add a question' }).and(page.locator(':focus')).waitFor();
  await page.evaluate(`window.focused = [];
    document.addEventListener('focusin', ({ target }) => window.focused.push(target.tagName))`);
  if (by === 'pointer') await page.getByRole('option', { name: kind, exact: true }).click();
  else await pickTyped('Add a question', kind);
  await questions().locator('button[aria-current]', { hasText: 'Nothing written yet' }).waitFor();
  await textOf('Question').and(page.locator(':focus')).waitFor();
  await page.keyboard.type(title);
  await questions().locator('button[aria-current]', { hasText: title }).waitFor();
  assert.equal(await textOf('Question').inputValue(), title);
  const focused = (await page.evaluate('window.focused')) as string[];
  assert.equal(focused.includes('BUTTON'), false, 'the button of the list does not take the focus back');
}

/** Picks by keyboard from the list that is open, by what is typed. */
async function pickTyped(list: string, text: string): Promise<void> {
  await page.getByRole('combobox', { name: list }).and(page.locator(':focus')).waitFor();
  await page.keyboard.type(text);
  const option = page.getByRole('option', { name: text });
  await option.first().waitFor();
  // What is chosen already may stand before it.
  const isMarked = async () => (await option.and(page.locator('[data-combobox-selected]')).count()) > 0;
  for (let tries = 0; tries < 5 && !(await isMarked()); tries++) await page.keyboard.press('ArrowDown');
  assert.ok(await isMarked(), `${text} is marked`);
  await page.keyboard.press('Enter');
}

/** A list that was closed gives the focus back to its button, a moment later. */
const givenBack = (button: RegExp) => page.getByRole('button', { name: button }).and(page.locator(':focus')).waitFor();

/** Opens a question of the list by its words. */
async function open(words: string): Promise<void> {
  await questions().locator('button', { hasText: words }).click();
  await questions().locator('button[aria-current]', { hasText: words }).waitFor();
}

/** The order in which the questions stand now, and until they stand so. */
const order = async () =>
  (await questions().locator('[data-item] button[aria-current], [data-item] button:has(bdi)').allInnerTexts()).map(
    (text) => text.replace(/\s+/g, ' ').trim(),
  );

const inOrder = (wanted: string[]) => until(async () => isDeepStrictEqual(await order(), wanted));

describe('the console’s surveys', { timeout: 300_000 }, () => {
  let address = '';

  it('begin with what they are for, and with templates', async () => {
    await page.goto(`${server.url}/surveys`);
    await page.getByText('Hear what your customers think').waitFor();
    await assertAccessible('surveys-empty');
    await page.getByRole('link', { name: 'New survey' }).click();
    await page.getByRole('button', { name: /^Employees, anonymous/ }).waitFor();
    await assertAccessible('surveys-new');
    await page.getByRole('button', { name: /^Recommendation after a purchase/ }).click();
    await page.getByRole('heading', { name: 'Recommendation after a purchase', level: 1 }).waitFor();
    address = new URL(page.url()).pathname;
    await preview().getByText('How likely are you to recommend us', { exact: false }).first().waitFor();
    assert.equal(await questions().locator(':scope > li').count(), 5);
  });

  it('get questions, options and a jump, each saved by itself and shown in the preview', async () => {
    await open('May we write to you');
    await add('One choice', 'How did you hear about us?');
    await page.getByRole('textbox', { name: 'Option 1' }).fill('From a friend');
    await page.getByRole('textbox', { name: 'Option 2' }).fill('In the press');
    await preview().getByText('How did you hear about us?').first().waitFor();
    await add('Short text', 'In which paper?', 'keyboard');
    await open('How did you hear');
    await page.getByRole('button', { name: 'Add logic' }).click();
    await page.getByRole('button', { name: 'Add a jump' }).click();
    await page.getByRole('button', { name: 'Add a condition' }).last().click();
    await page.getByRole('button', { name: /^Jump 1: if 1: value/ }).click();
    await page.getByRole('option', { name: 'From a friend' }).click();
    await page.keyboard.press('Escape');
    await saved();
    const { definition } = await server.api<{ definition: { questions: { title: object; jumps: object[] }[] } }>(
      'GET',
      `/api${address}`,
    );
    assert.equal(definition.questions.length, 7);
    const [jump] = definition.questions[5]!.jumps as { to: string; when: { test: string; value: string[] } }[];
    assert.equal(jump!.to, 'thanks');
    assert.equal(jump!.when.test, 'oneOf');
    assert.equal(jump!.when.value.length, 1);
    await assertAccessible('survey-builder');
  });

  it('are put into order by keyboard, and give back what was removed', async () => {
    const before = await order();
    await questions()
      .getByRole('button', { name: /^Move 7\. In which paper/ })
      .press('ArrowUp');
    await page.getByText('7. In which paper? is at place 6 of 7').waitFor();
    await until(async () => /In which paper/.test((await order())[5]!));
    await questions()
      .getByRole('button', { name: /^Move 6\. In which paper/ })
      .press('End');
    await inOrder(before);
    const [from, to] = await Promise.all(
      [7, 1].map((n) =>
        questions()
          .getByRole('button', { name: new RegExp(`^Move ${n}\\. `) })
          .boundingBox(),
      ),
    );
    await page.mouse.move(from!.x + 5, from!.y + 5);
    await page.mouse.down();
    await page.mouse.move(to!.x + 5, to!.y - 10, { steps: 8 });
    await page.mouse.up();
    await until(async () => /In which paper/.test((await order())[0]!));
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await inOrder(before);
    await open('In which paper');
    await questions()
      .getByRole('button', { name: /^Remove 7\. In which paper/ })
      .click();
    await inOrder(before.slice(0, 6));
    await page.getByRole('status').filter({ hasText: 'Removed: ' }).getByRole('button', { name: 'Undo' }).click();
    await inOrder(before);
    await saved();
  });

  it('do not overwrite what somebody else saved meanwhile', async () => {
    type Draft = { revision: number; definition: { questions: { id: string; title: Record<string, string> }[] } };
    const { revision, definition } = await server.api<Draft>('GET', `/api${address}`);
    definition.questions[6]!.title.en = 'Which paper was it?';
    await server.api('PUT', `/api${address}`, { revision, definition });
    await open('How likely');
    await page.getByRole('textbox', { name: 'Question', exact: true }).fill('Something else');
    await page.getByText('Somebody else changed this survey meanwhile').waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await questions().getByText('Which paper was it?').waitFor();
    await page.getByRole('textbox', { name: 'Question', exact: true }).fill('How likely are you to recommend us?');
    await saved();
    const now = await server.api<Draft>('GET', `/api${address}`);
    assert.equal(now.definition.questions[0]!.title.en, 'How likely are you to recommend us?');
    assert.equal(now.definition.questions[6]!.title.en, 'Which paper was it?');
  });

  it('are seen in Italian before anybody is asked', async () => {
    await open('How likely');
    await page.getByLabel('Language of the preview').first().click();
    await page.getByRole('option', { name: 'Italian' }).click();
    await preview().getByText('Quanto è probabile che ci consigli', { exact: false }).first().waitFor();
    await page.getByRole('button', { name: 'Languages' }).click();
    await page.getByRole('listitem').filter({ hasText: 'Italian' }).getByText('4 texts are missing').waitFor();
    await assertAccessible('survey-translations');
  });

  it('say in a sentence who is asked', async () => {
    await page.getByRole('link', { name: 'Who and when' }).click();
    await page.getByRole('textbox', { name: 'Share of visitors, per cent' }).fill('10');
    await page.getByRole('button', { name: 'Add a page' }).click();
    await page.getByRole('textbox', { name: 'Page 1: address' }).fill('/checkout/*');
    await page
      .getByText(
        'Shown to 10% of visitors, on /checkout/*, after the event Order Completed, 3 seconds later, at most once in 90 days.',
      )
      .waitFor();
    await textOf('Hidden fields').fill('order');
    await saved();
    await assertAccessible('survey-asking');
  });

  it('are shown after some events of a name only, by what the events say, chosen by keyboard', async () => {
    type Draft = { definition: { popover: { event: { where: object[] } }; fields: string[] } };
    const kept = async () => (await server.api<Draft>('GET', `/api${address}`)).definition;
    const where = page.getByRole('group', { name: 'Conditions on the event' });
    const another = where.getByRole('button', { name: /^Add a condition/ });
    const focused = (name: RegExp) => where.getByRole('button', { name }).and(page.locator(':focus')).waitFor();
    await another.press('Enter');
    await pickTyped('Add a condition', 'currency');
    await where.getByRole('group', { name: 'Condition on currency' }).waitFor();
    await focused(/^Add a condition/);
    await page.keyboard.press('Shift+Tab');
    await focused(/^Remove the condition on currency/);
    await page.keyboard.press('Shift+Tab');
    await focused(/^Values of currency/);
    await page.keyboard.press('Enter');
    await pickTyped('Values of currency', 'EUR');
    await page.getByText('after the event Order Completed where currency is EUR,').waitFor();
    await pickTyped('Values of currency', 'PLN');
    await page.getByText('after the event Order Completed where currency is EUR or PLN,').waitFor();
    await page.keyboard.press('Escape');
    await givenBack(/^Values of currency/);
    await another.press('Enter');
    await pickTyped('Add a condition', 'country');
    await where.getByRole('group', { name: 'Condition on country' }).waitFor();
    await saved();
    await assertAccessible('survey-event-where');
    const { popover, fields } = await kept();
    assert.deepEqual(popover.event.where, [{ property: 'currency', oneOf: ['EUR', 'PLN'] }], 'without values it waits');
    assert.deepEqual(fields, ['order']);
    await where.getByRole('button', { name: /^Values of country/ }).click();
    await pickTyped('Values of country', 'PL');
    await page.keyboard.press('Escape');
    await givenBack(/^Values of country/);
    await page.getByText('where currency is EUR or PLN and country is PL,').waitFor();
    await where.getByRole('button', { name: 'Remove the condition on currency' }).press('Enter');
    await page.getByText('after the event Order Completed where country is PL,').waitFor();
    await saved();
    assert.deepEqual((await kept()).popover.event.where, [{ property: 'country', oneOf: ['PL'] }]);
  });

  it('are published once nothing is wrong, are answered by link, and show the answer without being asked again', async (test) => {
    await page.getByRole('link', { name: 'Questions', exact: true }).click();
    await open('Which paper was it');
    await page.getByRole('textbox', { name: 'Question', exact: true }).fill('');
    await page.getByRole('button', { name: 'Publish' }).click();
    await page.getByText('1 thing must be mended first').waitFor();
    const publish = page.getByRole('complementary').getByRole('button', { name: 'Publish' });
    await publish.and(page.locator(':disabled')).waitFor();
    await assertAccessible('survey-publish-refused');
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('textbox', { name: 'Question', exact: true }).fill('Which paper was it?');
    await saved();
    await page.getByRole('button', { name: 'Publish' }).click();
    await publish.click();
    await page.getByText('Version 1 is published').waitFor();

    await page.getByRole('link', { name: 'Send', exact: true }).click();
    await page.getByRole('img', { name: 'QR code of the link' }).waitFor();
    await assertAccessible('survey-send');
    const link = (await page.locator('code').filter({ hasText: '/s/' }).first().textContent())!.trim();
    await page.getByRole('link', { name: 'Results', exact: true }).click();
    await page.getByText('Nobody was asked yet').waitFor();

    const customer = await context.newPage();
    await customer.goto(link);
    await answer(customer);
    const ended = Date.now();
    await page.getByText('+100').first().waitFor();
    test.diagnostic(`answer to result: ${Date.now() - ended} ms`);
    await customer.close();
    await page.getByText('Fast delivery').first().waitFor();
    await assertAccessible('survey-results');
    await page.getByRole('button', { name: 'Responses' }).click();
    await page.getByRole('table', { name: 'Responses' }).getByRole('link').first().click();
    await page.getByRole('complementary').getByText('Wonderful! What did you like most?').waitFor();
    await assertAccessible('survey-response');
  });

  it('come to oneself as a mail in the language that is written, with the first question in it', async () => {
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('link', { name: 'Send', exact: true }).click();
    await page.getByLabel('Language that is written').first().click();
    await page.getByRole('option', { name: 'Italian' }).click();
    await page.getByRole('textbox', { name: 'Subject' }).fill('Come ti trovi, ');
    await page.getByRole('button', { name: /^Insert into: Subject/ }).click();
    await pickTyped('Insert into: Subject', 'first_name');
    await givenBack(/^Insert into: Subject/);
    await page.getByRole('textbox', { name: 'Subject' }).and(page.getByText('{{trait:first_name|…}}')).waitFor();
    await textOf('Hidden field order').fill('<17>');
    await page.getByRole('button', { name: /^Insert into: Words before/ }).click();
    await page.getByRole('option', { name: 'order', exact: true }).click();
    await givenBack(/^Insert into: Words before/);
    await page
      .getByRole('textbox', { name: 'Words before the question' })
      .and(page.getByText('{{field:order|…}}'))
      .waitFor();
    await page.getByLabel('Language that is written').first().click();
    await page.getByRole('option', { name: 'English' }).click();
    await page.getByRole('textbox', { name: 'Subject' }).fill('How do you like it?');
    await page.getByLabel('Language that is written').first().click();
    await page.getByRole('option', { name: 'Italian' }).click();
    await page.getByRole('button', { name: 'Test mail to me' }).click();
    await page.getByText('The test mail is on its way to ada@example.com').waitFor();
    const mail = await mails.next();
    assert.equal(mail.to, 'ada@example.com');
    assert.equal(mail.subject, 'Come ti trovi, …');
    assert.match(mail.html, /&lt;17&gt;/);
    assert.match(mail.html, /Quanto è probabile che ci consigli/);
    assert.equal(new Set(mail.html.match(/answer=\d+/g)).size, 11);
  });

  it('are mailed after some events of a name only', async () => {
    await page.getByText('Each one after an event').click();
    await page.getByRole('button', { name: /^Event: / }).press('Enter');
    await pickTyped('Event', 'Order Shipped');
    await givenBack(/^Event: /);
    const where = page.getByRole('group', { name: 'Conditions on the event' });
    await where.getByRole('button', { name: /^Add a condition/ }).press('Enter');
    await pickTyped('Add a condition', 'carrier');
    await givenBack(/^Add a condition/);
    await where.getByRole('button', { name: /^Values of carrier/ }).press('Enter');
    await pickTyped('Values of carrier', 'Swift');
    await page.keyboard.press('Escape');
    await givenBack(/^Values of carrier/);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByText('The mails are on their way').waitFor();
    const { items } = await server.api<{ items: { to: object; mail: { fields: object } }[] }>(
      'GET',
      `/api${address}/sendings`,
    );
    assert.deepEqual(items[0]!.to, {
      event: { name: 'Order Shipped', where: [{ property: 'carrier', oneOf: ['Swift'] }] },
      hours: 24,
    });
    assert.deepEqual(items[0]!.mail.fields, { order: '<17>' });
  });

  it('say why somebody got no mail', async () => {
    const key = await server.writeKey('till');
    const sent = await fetch(`${server.url}/v1/identify`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ userId: 'no-mail', traits: { first_name: 'Noa' } }),
    });
    assert.ok(sent.ok, await sent.text());
    const person = await until(() =>
      server.api<{ id: string }>('GET', '/api/people/lookup?kind=user_id&value=no-mail').catch(() => null),
    );
    await server.api('POST', `/api${address}/sendings`, {
      to: { people: [person.id] },
      mail: { subject: { en: 'How was it?' } },
    });
    await until(async () => {
      const { items } = await server.api<{ items: { skipped: object }[] }>('GET', `/api${address}/sendings`);
      return items.some(({ skipped }) => Object.keys(skipped).length > 0);
    });
    await page.goto(`${server.url}${address}/send`);
    await page.getByText('1 left out (no address: 1)').waitFor();
  });

  it('are listed with their state, score and rates', async () => {
    await page.goto(`${server.url}/surveys`);
    const row = page.getByRole('row').filter({ hasText: 'Recommendation after a purchase' });
    await row.getByText('Running').waitFor();
    await row.getByText('+100').waitFor();
    await assertAccessible('surveys');
    assert.deepEqual(problems, [], 'no error in the browser');
  });
});

/** Answers as a customer who likes the shop. A question that one click answers leads on by itself. */
async function answer(customer: Page): Promise<void> {
  const asked = (words: string) => customer.getByText(words, { exact: false }).first().waitFor();
  await asked('How likely are you to recommend us');
  await customer.getByText('9', { exact: true }).first().click();
  await asked('What did you like most?');
  await customer.getByRole('textbox').first().fill('Fast delivery');
  await customer.getByRole('button', { name: 'Next' }).click();
  await customer.getByText('From a friend').first().click();
  await asked('Thank you!');
}
