import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AnswerRow, SurveyDetail } from '../src/apps/surveys/shapes.ts';
import { assertAccessible } from './accessible.ts';
import { becomeOwner } from './owner.ts';
import { everyKind, LANGUAGES, short, titleIn } from './survey-samples.ts';
import {
  askVisitors,
  completed,
  context,
  page,
  publish,
  response,
  responses,
  server,
  site,
  title,
  visitor,
} from './survey-visit.ts';

askVisitors();

describe('a survey on a page of its own', () => {
  it('is answered in each language, from either side, and says nothing wrong to a screen reader', async () => {
    const survey = await publish(short, null);
    let rows: AnswerRow[] = [];
    for (const language of LANGUAGES) {
      await visitor({ locale: language });
      await page.goto(`${server.url}${survey.link}`);
      await title(titleIn(language, 0));
      assert.deepEqual(
        await page.evaluate(
          '[document.documentElement.lang, getComputedStyle(document.querySelector("main")).direction]',
        ),
        [language, ['ar', 'he'].includes(language) ? 'rtl' : 'ltr'],
      );
      await assertAccessible(page, `survey-page-${language}`);
      await page.locator('.cell').nth(10).click();
      await title(titleIn(language, 1));
      await page.locator('textarea').fill('x'.repeat(98));
      const left = await page.locator('.hint').textContent();
      assert.notEqual(left, '', 'what is left is said');
      await page.locator('.main').click();
      await title(titleIn(language, 2));
      rows = await completed(survey.id, language);
    }
    assert.deepEqual(rows.map((row) => row.language).sort(), [...LANGUAGES].sort());
    assert.ok(rows.every((row) => row.state === 'complete' && row.channel === 'link' && row.answers.nps === 10));
  });

  it('draws each kind so that a screen reader names all of it, in light and dark, on a wide and a narrow screen', async () => {
    const optional = everyKind.questions!.map((one) => ({ ...one, required: false }) as never);
    const survey = await publish({ ...everyKind, questions: optional }, null);
    const arrangedAnew = ['nps', 'rank', 'grid', 'look'];
    for (const [width, screen] of [
      [1000, 'wide'],
      [375, 'narrow'],
    ] as const) {
      await visitor({ viewport: { width, height: 760 } });
      await page.goto(`${server.url}${survey.link}`);
      await page.locator('.main').click();
      for (const { id, title: asked } of everyKind.questions!) {
        if (id === 'why') continue;
        await title(asked.en!);
        if (screen === 'wide' || arrangedAnew.includes(id)) await assertAccessible(page, `survey-${id}-${screen}`);
        await page.locator('.main').click();
      }
      await title('Thank you!');
    }
  });

  it('takes the answer that was clicked in a mail, but only by a call of the page that opens', async () => {
    const survey = await publish(short, null);
    const link = `${server.url}${survey.link}?question=nps&answer=9`;
    for (let scan = 0; scan < 3; scan++) assert.equal((await fetch(link)).status, 200);
    assert.equal((await responses(survey.id)).length, 0, 'who only follows the link answers nothing');
    await visitor();
    await page.goto(link);
    await title(titleIn('en', 1));
    const row = await response(survey.id, ({ answers }) => answers.nps === 9);
    assert.equal(row.state, 'answered');
    await page.goto(`${server.url}${survey.link}?question=nps&answer=<script>`);
    await title(titleIn('en', 1));
  });

  it('is answered in each language from a mail, and in a frame of a site', async () => {
    const survey = await publish({ ...short, embed: [site.url] }, null);
    let rows: AnswerRow[] = [];
    for (const language of LANGUAGES) {
      await visitor({ locale: language });
      await page.goto(`${server.url}${survey.link}?question=nps&answer=8&lang=${language}`);
      await title(titleIn(language, 1));
      await page.locator('.main').click();
      await title(titleIn(language, 2));
      site.pages['/framed'] = {
        html: `<!doctype html><title>x</title><iframe src="${server.url}${survey.link}?lang=${language}"></iframe>`,
      };
      await page.goto(`${site.url}/framed`);
      const frame = page.frameLocator('iframe');
      await frame.locator('.cell').nth(6).click();
      await frame.locator('.title', { hasText: titleIn(language, 1) }).waitFor();
      await frame.locator('.main').click();
      await frame.locator('.title', { hasText: titleIn(language, 2) }).waitFor();
      rows = await completed(survey.id, language, 2);
    }
    for (const score of [8, 6]) {
      const answered = rows.filter(({ answers, state }) => answers.nps === score && state === 'complete');
      assert.deepEqual(answered.map((row) => row.language).sort(), [...LANGUAGES].sort());
    }
  });

  it('goes on from a personal link on another device, and is over once it was sent', async () => {
    const survey = await publish(
      {
        ...short,
        questions: [...short.questions!, { id: 'last', kind: 'csat', required: true, title: { en: 'And this?' } }],
      },
      null,
    );
    const { links } = await server.api<{ links: { url: string }[] }>('POST', `/api/surveys/${survey.id}/links`, {
      count: 1,
      singleUse: true,
      expiresInDays: 7,
    });
    const link = `${server.url}${new URL(links[0]!.url).pathname}`;
    await visitor();
    await page.goto(`${link}?question=nps&answer=8`);
    await title(titleIn('en', 1));
    await page.locator('textarea').fill('From the desk');
    await page.locator('.main').click();
    await title('And this?');
    await response(survey.id, ({ answers }) => answers.why === 'From the desk');
    await visitor({ viewport: { width: 375, height: 667 }, hasTouch: true, isMobile: true });
    await page.goto(`${link}?question=nps&answer=6`);
    await title('And this?');
    await page.locator('.cell').last().tap();
    await title('Thank you!');
    const row = await response(survey.id, ({ state }) => state === 'complete');
    assert.deepEqual(row.answers, { nps: 6, why: 'From the desk', last: 5 });
    assert.equal((await page.goto(link))!.status(), 410);
    await page.getByRole('heading', { level: 1 }).waitFor();
  });

  it('holds two hundred questions', async () => {
    const questions = Array.from({ length: 200 }, (_, at) => ({
      ...{ id: `q${at}`, kind: 'rating' as const, look: 'numbers' as const },
      title: { en: `Question ${at}` },
    }));
    const survey = await publish({ name: 'Long', questions, endings: short.endings }, null);
    await visitor();
    await page.goto(`${server.url}${survey.link}`);
    for (let at = 0; at < 200; at++) {
      await title(new RegExp(`^Question ${at}\\b`));
      await page.keyboard.press(at === 0 ? 'Tab' : 'Space');
      if (at === 0) await page.keyboard.press('Space');
      await page.keyboard.press('Enter');
    }
    await title('Thank you!');
    const row = await response(survey.id, ({ state }) => state === 'complete');
    assert.equal(Object.keys(row.answers).length, 200);
  });

  it('is put in order by dragging, and keeps a table’s answers when the window becomes narrow', async () => {
    const kinds = everyKind.questions!.filter(({ id }) => id === 'rank' || id === 'grid');
    const survey = await publish({ ...short, languages: ['en'], questions: kinds }, null);
    await visitor({ reducedMotion: 'reduce' });
    await page.goto(`${server.url}${survey.link}`);
    const rows = page.locator('.ranks li');
    const [from, to] = [(await rows.nth(2).boundingBox())!, (await rows.nth(0).boundingBox())!];
    await page.mouse.move(from.x + 150, from.y + 10);
    await page.mouse.down();
    // At once: a page that is busy hears of a pointer only where it is in the end.
    await page.mouse.move(to.x + 150, to.y + 5);
    await page.mouse.up();
    await page.locator('.main').click();
    await title('each step');
    await page.locator('tbody tr').nth(1).locator('label').nth(2).click();
    await page.setViewportSize({ width: 375, height: 700 });
    assert.equal(
      await page.getByRole('group', { name: 'Paying' }).getByRole('radio', { name: 'Very' }).isChecked(),
      true,
    );
    await page.locator('.main').click();
    await page.getByRole('alert').getByText('2 rows are not answered yet.').waitFor();
    const row = await response(survey.id, ({ answers }) => !!answers.rank);
    assert.deepEqual(row.answers.rank, ['help', 'app', 'store']);
  });

  it('goes on once a file that is on its way has come, and leaves the focus where it is', async () => {
    const [files, words] = ['file', 'shortText'].map((kind) => everyKind.questions!.find((one) => one.kind === kind)!);
    const questions = [words!, { ...files!, required: false }, { ...words!, id: 'more', title: { en: 'And more?' } }];
    const survey = await publish({ ...short, languages: ['en'], questions }, null);
    await visitor();
    await page.goto(`${server.url}${survey.link}`);
    await page.locator('input').fill('Swift');
    await page.locator('.main').click();
    let arrives = Promise.withResolvers<void>();
    await page.route(/\/files\?/, async (route) => {
      await arrives.promise;
      await route.continue();
    });
    const note = (name: string) => ({ name, mimeType: 'text/plain', buffer: Buffer.from('It was open.') });
    const uploading = (name: string) => page.getByRole('alert').getByText(`Sending “${name}”`).waitFor();
    await page.locator('input[type=file]').setInputFiles(note('first.txt'));
    await page.locator('.main').click();
    await uploading('first.txt');
    arrives.resolve();
    await page.getByRole('button', { name: 'Remove “first.txt”' }).waitFor();
    await page.locator('.main:focus').waitFor();
    await page.getByRole('button', { name: 'Remove “first.txt”' }).click();
    arrives = Promise.withResolvers();
    await page.locator('input[type=file]').setInputFiles(note('second.txt'));
    await page.getByRole('button', { name: 'Back' }).click();
    await title('one word');
    const taken = page.waitForResponse(/\/files\?/);
    arrives.resolve();
    await taken;
    await page.waitForFunction(() => Object.values(sessionStorage).join().includes('second.txt'));
    await page.locator('.main').click();
    await page.getByRole('button', { name: 'Remove “second.txt”' }).waitFor();
    await page.locator('.main').click();
    await title('And more?');
    const { answers } = await response(survey.id, (row) => !!row.answers.proof);
    assert.equal((answers.proof as { name: string }[])[0]!.name, 'second.txt');
  });

  it('is led on by one question with Control and Enter, whatever sign the keys give besides', async () => {
    const [score, why] = short.questions!;
    const last = everyKind.questions!.find(({ kind }) => kind === 'shortText')!;
    const questions = [why!, { ...score!, required: false }, last];
    const survey = await publish({ ...short, languages: ['en'], questions }, null);
    await visitor();
    await page.goto(`${server.url}${survey.link}`);
    await page.locator('textarea').fill('A lamp');
    const keys = await context.newCDPSession(page);
    const enter = { key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13, modifiers: 2 };
    await keys.send('Input.dispatchKeyEvent', { type: 'keyDown', ...enter, text: '\r' });
    await keys.send('Input.dispatchKeyEvent', { type: 'keyUp', ...enter });
    await title(titleIn('en', 0));
    const { answers } = await response(survey.id, (row) => row.answers.why !== undefined);
    assert.deepEqual(answers, { why: 'A lamp' });
  });

  it('keeps what was answered while the server is away, and sends it later', async () => {
    const survey = await publish(short, null);
    await visitor();
    await page.goto(`${server.url}${survey.link}`);
    await title(titleIn('en', 0));
    await context.setOffline(true);
    await page.locator('.cell').nth(4).click();
    await page.getByText('could not be sent yet').waitFor();
    await context.setOffline(false);
    await response(survey.id, ({ answers }) => answers.nps === 4);
    await page.locator('.note:empty').waitFor({ state: 'attached' });
  });

  it('is shown in a frame of the sites that the survey names, and of no others', async () => {
    const survey = await publish({ ...short, embed: [site.url] }, null);
    const other = await publish(short, null);
    await visitor();
    site.pages['/framing'] = {
      html: `<!doctype html><title>x</title><iframe id="yes" src="${server.url}${survey.link}"></iframe><iframe id="no" src="${server.url}${other.link}"></iframe><iframe id="preview" src="${server.url}/s/preview"></iframe>`,
    };
    await page.goto(`${site.url}/framing`);
    const frame = page.frameLocator('#yes');
    await frame.locator('.cell').nth(6).click();
    await frame.locator('.title', { hasText: titleIn('en', 1) }).waitFor();
    await response(survey.id, ({ answers, channel }) => answers.nps === 6 && channel === 'embed');
    for (const id of ['no', 'preview']) {
      const inner = await (await page.locator(`#${id}`).elementHandle())!.contentFrame();
      assert.match(inner!.url(), /^chrome-error:/, id);
    }
  });

  it('is previewed with what the page around it hands over, and only by pages of this server', async () => {
    await visitor();
    await page.goto(`${server.url}/docs/sdk`);
    await page.evaluate(`
      globalThis.told = [];
      addEventListener('message', ({ data }) => told.push(data));
      document.body.replaceChildren(
        Object.assign(document.createElement('iframe'), { src: '/s/preview', id: 'preview', width: 800, height: 600 }),
      );
    `);
    await page.waitForFunction(() =>
      (globalThis as never as { told: { type: string }[] }).told.some(({ type }) => type === 'preview-ready'),
    );
    const { id } = await publish(everyKind, null);
    const { definition } = await server.api<SurveyDetail>('GET', `/api/surveys/${id}`);
    const post = (message: object) =>
      page.evaluate(`document.getElementById('preview').contentWindow.postMessage(${JSON.stringify(message)}, '*')`);
    const frame = page.frameLocator('#preview');
    await post({ type: 'preview', definition, language: 'en', device: 'popover', dark: true });
    await frame.locator('.tl.popover .title', { hasText: 'How was it?' }).waitFor();
    await post({ type: 'preview-go', questionId: 'stars' });
    await frame.locator('.title', { hasText: 'packaging' }).waitFor();
    await post({ type: 'preview', definition, language: 'en', device: 'page', dark: false });
    await frame.locator('.tl.page .title', { hasText: 'packaging' }).waitFor();
    await page.waitForFunction('told.some(({ questionId }) => questionId === "stars")');
  });

  it('has results that do not say that nobody was asked while what fits is on its way', async () => {
    const survey = await publish(short, null);
    await visitor();
    await page.goto(`${server.url}${survey.link}`);
    await page.locator('.cell').nth(4).click();
    await response(survey.id, ({ answers }) => answers.nps === 4);
    await becomeOwner(page, server.url);
    await page.goto(`${server.url}/surveys/${survey.id}/results?channel=api`);
    await page.locator('[aria-busy=false]').waitFor({ state: 'attached' });
    const comes = Promise.withResolvers<void>();
    await page.route(/\/results$/, async (route) => {
      await comes.promise;
      await route.continue();
    });
    await page.getByRole('button', { name: 'Clear the filters' }).press('Enter');
    await page.locator('[data-outdated][aria-busy=true]').waitFor({ state: 'attached' });
    assert.equal(await page.getByText('Nobody was asked yet').count(), 0);
    comes.resolve();
    await page.locator('[aria-busy=false]').getByText(titleIn('en', 0)).first().waitFor();
    await page.unrouteAll({ behavior: 'wait' });
  });

  it('says in the reader’s language why a link opens nothing', async () => {
    const survey = await publish(short, null);
    await server.api('POST', `/api/surveys/${survey.id}/end`);
    for (const [path, language, status, text] of [
      ['/s/AAAAAAAAAAAAAAAAAAAAAAAA', 'pl', 404, 'Ten link donikąd nie prowadzi'],
      ['/s/..%2F..%2Fetc', 'ru', 404, 'Эта ссылка никуда не ведёт'],
      [survey.link, 'zh', 410, '此调查已关闭'],
      [survey.link, 'it', 410, 'Questo sondaggio è chiuso'],
    ] as const) {
      const answer = await fetch(`${server.url}${path}`, { headers: { 'accept-language': language } });
      assert.equal(answer.status, status, path);
      assert.match(await answer.text(), new RegExp(text));
    }
  });
});
