import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DefinitionInput } from '../src/apps/surveys/definition.ts';
import type { AnswerRow } from '../src/apps/surveys/shapes.ts';
import { assertAccessible } from './accessible.ts';
import { everyKind, HOSTILE, LANGUAGES, short, titleIn } from './survey-samples.ts';
import {
  askVisitors,
  assertHidden,
  assertNoneBegun,
  completed,
  type InPage,
  inPage,
  key,
  page,
  popover,
  press,
  publish,
  ready,
  response,
  scrollDown,
  server,
  site,
  timelineNames,
  title,
  visit,
  visitor,
} from './survey-visit.ts';

askVisitors();

describe('a survey over a page', () => {
  it('is answered with the keyboard alone, each kind of question, on a site with the strictest policy', async () => {
    const survey = await publish(everyKind);
    await visitor();
    await visit(survey.path);
    await popover().waitFor();
    assert.equal(await page.evaluate('document.activeElement === document.body'), true, 'the focus is not stolen');
    await press('Tab', 'Tab', 'Enter');
    await title('recommend Brightcart');
    await press('Enter');
    await page.getByRole('alert').getByText('Please answer this question.').waitFor();
    await press('ArrowLeft', 'ArrowLeft', 'Enter');
    await title('You gave a 9. What is the reason?');
    await page.keyboard.type('Quick & <b>kind</b>');
    await press('Control+Enter');
    await title('satisfied');
    await press('Space', 'ArrowRight', 'ArrowRight', 'ArrowRight', 'Enter');
    await title('How easy');
    await press('ArrowLeft', 'Enter');
    await title('packaging');
    await press('ArrowLeft', 'Enter');
    await title('hear of us');
    await press('ArrowUp', 'Tab');
    await page.keyboard.type('At a fair');
    await press('Enter');
    await title('matters most');
    await press('Space', 'Tab', 'Tab', 'Space');
    await popover().getByRole('checkbox', { name: 'Good advice', disabled: true }).waitFor();
    await press('Enter');
    await title('in the order');
    await press('Enter');
    await page.getByRole('status').getByText('“The app” is now number 2 of 3').waitFor({ state: 'attached' });
    await press('Control+Enter');
    await title('each step');
    for (const row of [1, 2, 3]) await press(...(row > 1 ? ['Tab'] : []), 'Space', 'ArrowDown', 'ArrowDown');
    await press('Enter');
    await title('one word');
    await page.keyboard.type('Swift');
    await press('Enter');
    await title('write to you');
    await page.keyboard.type('nobody');
    await press('Enter');
    await page.getByRole('alert').getByText('Please write an e-mail address').waitFor();
    await page.keyboard.type('@example.com');
    await press('Enter');
    await title('may we call');
    await page.keyboard.type('+48 600 700 800');
    await press('Enter');
    await title('visit us');
    await page.keyboard.type('05132025');
    await press('Control+Enter');
    await title('on your wall');
    // Takes hold of the file dialog by a message to the page, which a key that is pressed at once may overtake.
    const chooser = page.waitForEvent('filechooser');
    await press('Space', 'ArrowDown', 'Enter');
    await title('went wrong');
    await press('Space');
    await (await chooser).setFiles({ name: 'note.txt', mimeType: 'text/plain', buffer: Buffer.from('It was open.') });
    await popover().getByRole('button', { name: 'Remove “note.txt”' }).waitFor();
    await press('Control+Enter');
    await title('use your words');
    await press('Space', 'Enter');
    await title('That was all');
    await press('Control+Enter');
    await title('Thank you!');
    await press('Tab', 'Enter');
    await popover().waitFor({ state: 'detached' });
    assert.equal(await page.evaluate('document.activeElement?.id'), 'link', 'the focus is back where it was');

    const { answers, ...row } = await response(survey.id, ({ state }) => state === 'complete');
    assert.equal(row.channel, 'popover');
    const [{ id: fileId, ...proof }] = answers.proof as [{ id: string; name: string }];
    assert.match(fileId, /^[0-9a-f-]{36}$/);
    assert.deepEqual(
      { ...answers, proof },
      {
        ...{ nps: 9, why: 'Quick & <b>kind</b>', csat: 4, ces: 7, stars: 5 },
        one: { options: [], other: 'At a fair' },
        many: { options: ['price', 'choice'] },
        rank: ['store', 'app', 'help'],
        grid: { order: 'very', pay: 'very', deliver: 'very' },
        ...{ word: 'Swift', mail: 'nobody@example.com', phone: '+48 600 700 800', day: '2025-05-13' },
        look: { options: ['wood'] },
        proof: { name: 'note.txt' },
        agree: true,
      },
    );
    assert.deepEqual(await inPage(({ shifted, violations }) => ({ shifted, violations })), {
      shifted: 0,
      violations: [],
    });
  });

  it('is answered in each language', async () => {
    const survey = await publish(short);
    let rows: AnswerRow[] = [];
    for (const language of LANGUAGES) {
      await visitor({ locale: language });
      await visit(survey.path);
      await title(titleIn(language, 0));
      await popover().locator('.cell').nth(10).click();
      await title(titleIn(language, 1));
      await popover().locator('textarea').fill('x');
      await popover().locator('.main').click();
      await title(titleIn(language, 2));
      rows = await completed(survey.id, language);
    }
    assert.deepEqual(rows.map((row) => row.language).sort(), [...LANGUAGES].sort());
    assert.ok(rows.every(({ state, channel }) => state === 'complete' && channel === 'popover'));
  });

  it('is closed with Escape, says so once, and is not shown again', async () => {
    const survey = await publish(short);
    await visitor();
    await visit(survey.path);
    await popover().locator('.cell').nth(3).click();
    await title(titleIn('en', 1));
    await press('Escape');
    await popover().waitFor({ state: 'detached' });
    const row = await response(survey.id, ({ dismissed }) => dismissed);
    assert.equal(row.answers.nps, 3, 'what was answered is kept');
    await page.reload();
    await assertHidden();
    const events = await timelineNames(['Survey Shown', 'Question Answered', 'Survey Dismissed']);
    assert.deepEqual(events.sort(), ['Question Answered', 'Survey Dismissed', 'Survey Shown']);
  });

  it('goes on after a reload and on the next page with what was answered and typed', async () => {
    const survey = await publish(short, { pages: [{ match: 'startsWith', value: '/goes-on' }] });
    await visitor();
    await visit('/goes-on');
    await popover().locator('.cell').nth(7).click();
    await popover().locator('textarea').fill('Half a sent');
    await page.reload();
    await title(titleIn('en', 1));
    assert.equal(await popover().locator('textarea').inputValue(), 'Half a sent');
    const partial = await response(survey.id, ({ answers }) => answers.why === 'Half a sent');
    assert.deepEqual([partial.state, partial.answers.nps], ['answered', 7]);
    // What was handed out before is forgotten, and this visitor is to be asked nothing more: but is in the middle of one.
    await server.api('PUT', '/api/surveys/settings', { quietDays: 14 });
    await page.evaluate((name) => sessionStorage.removeItem(name), `tl_config_${key}`);
    await visit('/goes-on/elsewhere');
    await popover().waitFor();
    await server.api('PUT', '/api/surveys/settings', { quietDays: 0 });
    await popover().getByRole('button', { name: 'Back' }).click();
    await title(titleIn('en', 0));
    await popover().getByRole('button', { name: 'Next' }).click();
    await popover().locator('textarea').fill('A whole sentence');
    await popover().getByRole('button', { name: 'Send' }).click();
    await title('Thank you!');
    const done = await response(survey.id, ({ state }) => state === 'complete');
    assert.deepEqual(done.answers, { nps: 7, why: 'A whole sentence' });
  });

  it('waits until everything it asks for holds at once', async () => {
    const survey = await publish(short, {
      event: { name: 'Order Completed', where: [{ property: 'plan', oneOf: ['gold'] }] },
      scrollPercent: 60,
      exitIntent: true,
      devices: ['desktop'],
    });
    await visitor();
    await visit(survey.path);
    await ready();
    await inPage(({ throughline }) => throughline.track('Order Completed', { plan: 'silver' }));
    await page.mouse.move(300, 300);
    const leave = () => page.evaluate('document.dispatchEvent(new MouseEvent("mouseout", { clientY: -1 }))');
    await scrollDown();
    await leave();
    await assertHidden();
    await inPage(({ throughline }) => throughline.track('Order Completed', { plan: 'gold' }));
    await assertHidden();
    await leave();
    await popover().waitFor();
    await visitor({ viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true });
    await visit(survey.path);
    await ready();
    await inPage(({ throughline }) => throughline.track('Order Completed', { plan: 'gold' }));
    await scrollDown();
    await leave();
    await assertHidden();
  });

  it('is shown on the page that follows what it waits for, as after an order', async () => {
    await publish(short, {
      event: { name: 'Order Completed' },
      pages: [{ match: 'is', value: '/order/thanks' }],
      delaySeconds: 1,
    });
    await visitor();
    await visit('/order');
    await ready();
    await inPage(({ throughline }) => throughline.track('Order Completed', {}));
    await visit('/order/thanks');
    await popover().waitFor();
  });

  it('is one at a time, on the pages it is for, or where the page’s own code asks for it', async () => {
    const { path } = await publish(short);
    const never = { match: 'is' as const, value: '/nowhere' };
    const coded = await publish(everyKind, { pages: [never] });
    await publish(everyKind, {
      pages: [
        { match: 'pattern', value: `${path}*` },
        { ...never, value: path, not: true },
      ],
    });
    await visitor();
    await visit(path);
    await title(titleIn('en', 0));
    assert.equal(await popover().count(), 1);
    await assert.rejects(
      page.evaluate(
        (id) => (globalThis as never as InPage).throughline.load('surveys').then((part) => part.show(id)),
        coded.id,
      ),
      /is not to be shown/,
    );
    await press('Escape');
    await page.evaluate(
      (id) => (globalThis as never as InPage).throughline.load('surveys').then((part) => part.show(id)),
      coded.id,
    );
    await title('How was it?');
  });

  it('calls the visitor by what the page itself told, and by nothing else', async () => {
    const survey = await publish(
      {
        ...short,
        languages: ['en'],
        questions: [{ id: 'q', kind: 'shortText', title: { en: 'Hello {{trait:name|you}}!' } }],
      },
      { event: { name: 'Ready' } },
    );
    await visitor();
    await visit(survey.path);
    await ready();
    await inPage(({ throughline }) => throughline.identify('u-1', { name: '<i>Zoë</i>', secret: 'not asked for' }));
    const asked = page.waitForRequest(/responses$/);
    await inPage(({ throughline }) => throughline.track('Ready'));
    await title('Hello <i>Zoë</i>!');
    assert.doesNotMatch((await asked).postData()!, /not asked for/);
  });

  it('ends and sends nothing more once consent is taken back', async () => {
    const survey = await publish(short);
    await visitor();
    await visit(survey.path);
    await popover().locator('textarea, .cell').nth(2).click();
    await title(titleIn('en', 1));
    // What is typed while an answer is on its way would go right after it.
    await page.waitForFunction(() => sessionStorage.getItem('tl_survey')?.includes('"unsent":{}'));
    await popover().locator('textarea').fill('Secret');
    await response(survey.id, ({ answers }) => answers.nps === 2);
    await inPage(({ throughline }) => throughline.consent({ analytics: false }));
    await popover().waitFor({ state: 'detached' });
    await page.goto('about:blank');
    await page.goto(site.url + survey.path);
    await assertHidden();
    const row = await response(survey.id, () => true);
    assert.deepEqual([row.answers, row.dismissed], [{ nps: 2 }, false]);
  });

  it('stands apart from a page whose styles break everything, and from names that are markup', async () => {
    const hostile = (text: string): DefinitionInput => ({
      ...short,
      languages: ['en'],
      questions: [
        {
          id: 'constructor',
          kind: 'single',
          title: { en: text },
          options: [
            { id: 'toString', label: { en: text } },
            { id: 'b', label: { en: 'W'.repeat(400) } },
          ],
        },
        { id: 'said', kind: 'longText', title: { en: `{{answer:constructor}}${text}` }, max: 10_000 },
      ],
    });
    const survey = await publish(hostile(HOSTILE));
    await visitor();
    await visit(survey.path, {
      head: '<style>*{all:unset!important;display:none!important;font-size:40px!important}html,body,script{display:block!important;transform:scale(1)}div{position:static!important;z-index:-1!important}</style>',
      headers: {},
    });
    await popover().waitFor();
    const box = (await popover().boundingBox())!;
    assert.ok(box.width === 400 && box.x + box.width <= 1000 && box.height > 150, JSON.stringify(box));
    assert.equal(await page.evaluate('document.documentElement.scrollWidth > innerWidth'), false);
    await popover().locator('.option').first().click();
    const long = 'ж'.repeat(10_000);
    await popover().locator('textarea').fill(long);
    await popover().getByText('0 characters left').waitFor();
    await popover().getByRole('button', { name: 'Send' }).click();
    await title('Thank you!');
    const row = await response(survey.id, ({ state }) => state === 'complete');
    assert.deepEqual(row.answers, { constructor: { options: ['toString'] }, said: long });
    assert.equal(await inPage(({ hacked }) => hacked), undefined);
  });

  it('is a sheet at the bottom of a phone, and at the other side where one reads from right to left', async () => {
    const survey = await publish(short);
    await visitor({ locale: 'ar', colorScheme: 'dark' });
    await visit(survey.path, {
      headers: {},
      head: '<style>body{background:#101114;color:#eee}a{color:inherit}</style>',
    });
    await title(titleIn('ar', 0));
    const { x } = (await popover().boundingBox())!;
    assert.ok(x < 50, `at the left, not at ${x}`);
    const [first, last] = [popover().locator('.cell').first(), popover().locator('.cell').last()];
    assert.ok((await first.boundingBox())!.x > (await last.boundingBox())!.x, '0 is at the right');
    await assertAccessible(page, 'survey-popover-ar');
    const phone = { viewport: { width: 375, height: 667 }, hasTouch: true, isMobile: true };
    await visitor({ locale: 'pl-PL', ...phone, reducedMotion: 'reduce' });
    await visit(survey.path);
    await title(titleIn('pl', 0));
    const sheet = (await popover().boundingBox())!;
    assert.deepEqual([sheet.x, sheet.width, Math.round(sheet.y + sheet.height)], [0, 375, 667]);
    await assertAccessible(page, 'survey-popover-phone');
  });

  it('shows nothing as chosen where a finger was, as a pointer would', async () => {
    const stars = { id: 'stars', kind: 'rating' as const, title: { en: 'How do you like it?' } };
    const survey = await publish({ ...short, languages: ['en'], questions: [stars] });
    type Drawn = { getComputedStyle(of: unknown): { fill: string } };
    const fill = () =>
      popover()
        .locator('.cell svg')
        .first()
        .evaluate((svg) => (globalThis as never as Drawn).getComputedStyle(svg).fill);
    const fills: string[] = [];
    for (const hasTouch of [false, true]) {
      await visitor({ viewport: { width: 390, height: 700 }, hasTouch, isMobile: hasTouch, reducedMotion: 'reduce' });
      await visit(survey.path);
      await popover().locator('.cell').nth(2).hover();
      await popover().locator('.cell:hover').waitFor();
      fills.push(await fill());
    }
    assert.match(fills[0]!, /^rgb/);
    assert.equal(fills[1], 'none');
  });

  it('does not come over the feedback that somebody is writing, but after it', async () => {
    const survey = await publish(short, { event: { name: 'Order Completed' } });
    const settings = await server.api<{ feedback: object }>('GET', '/api/voices/settings');
    const feedback = (on: boolean) =>
      server.api('PUT', '/api/voices/settings', { ...settings, feedback: { ...settings.feedback, on } });
    await feedback(true);
    await visitor();
    await visit(survey.path);
    await ready();
    await page.getByRole('button', { name: 'Feedback' }).click();
    const dialog = page.getByRole('dialog', { name: 'How do you like this page?' });
    await dialog.waitFor();
    await inPage(({ throughline }) => throughline.track('Order Completed', {}));
    await sleep(1500);
    await assertNoneBegun();
    assert.equal(await page.getByRole('dialog').count(), 1, 'only the feedback is open');
    await dialog.getByRole('button', { name: 'Close' }).click();
    await title(titleIn('en', 0));
    await feedback(false);
  });
});
