import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Locator } from 'playwright-core';
import { until } from '../src/kernel/testing-until.ts';
import { assertAccessible } from './accessible.ts';
import { OWNER } from './owner.ts';
import {
  at,
  browser,
  detailOf,
  drawn,
  key,
  list,
  page,
  pageWith,
  recordShop,
  server,
  site,
  store,
  VIEW,
  watchRecordings,
  wordsAt,
} from './replay-visit.ts';

watchRecordings();

describe('the player of recordings', { timeout: 400_000 }, () => {
  let recorded = '';
  before(async () => {
    recorded = (await recordShop()).id;
  });

  it('is driven by the keyboard, seeks by its timeline, and is open to everybody', async () => {
    await page.goto(`${server.url}/replay/${recorded}`);
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    const bar = page.getByRole('slider', { name: 'Place in the recording' });
    const now = async () => Number(await bar.getAttribute('aria-valuenow'));
    const speed = (shown: string) =>
      until(async () => (await page.getByLabel('Speed').first().inputValue()) === shown, `${shown} the speed`);
    await page.getByRole('listitem').filter({ hasText: 'The shop' }).first().waitFor();
    await assertAccessible(page, 'replay-player');
    await page.getByLabel('Skip pauses').uncheck();
    await page.keyboard.press('l');
    await until(async () => (await now()) >= 4, 'the end is near');
    await page.getByText('Loading …').waitFor({ state: 'hidden' });
    // The dialog that the page opens there has not taken the keys.
    await page.keyboard.press('j');
    await until(async () => (await now()) === 0, 'back at the start');
    await page.locator('body').click({ position: { x: 5, y: 5 } });
    await page.keyboard.press('l');
    await until(async () => (await now()) >= 4, 'the end again');
    await page.keyboard.press('j');
    await until(async () => (await now()) === 0, 'and the start');
    await page.keyboard.press('>');
    await speed('2×');
    for (let step = 0; step < 2; step++) await page.keyboard.press('<');
    await speed('0.5×');
    await page.keyboard.press(' ');
    await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
    await until(async () => (await now()) >= 1, 'it plays');
    await page.keyboard.press(' ');
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    const held = await now();
    await sleep(600);
    assert.equal(await now(), held);
    await bar.focus();
    await page.keyboard.press('End');
    await until(async () => (await now()) > held, 'the end');
    // Nothing of the page that is shown takes the focus.
    for (let tab = 0; tab < 40; tab++) {
      await page.keyboard.press('Tab');
      assert.notEqual(await page.evaluate('document.activeElement.tagName'), 'IFRAME');
    }
  });

  it('plays or waits as it was told while what it needs was on its way, and says so', async () => {
    const [play, pause] = ['Play', 'Pause'].map((name) => page.getByRole('button', { name, exact: true })) as [
      Locator,
      Locator,
    ];
    const place = page.getByRole('slider', { name: 'Place in the recording' });
    const now = async () => Number(await place.getAttribute('aria-valuenow'));
    for (const plays of [true, false]) {
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      await page.route('**/chunks?*', (route) => released.then(() => route.continue()));
      await page.goto(`${server.url}/replay/${recorded}`);
      await play.click();
      await pause.waitFor();
      if (!plays) await pause.click();
      release();
      await page.getByText('Loading …').waitFor({ state: 'hidden' });
      if (plays) await until(async () => (await now()) >= 1, 'it plays');
      else {
        await play.waitFor();
        assert.equal(await now(), 0);
      }
      await page.unroute('**/chunks?*');
    }
  });

  it('grows while it is watched: who is at its end goes on with it, and who is not stays', async () => {
    const id = randomUUID();
    const from = Date.now() - 20_000;
    const words = (ms: number, value: string) => wordsAt(from + ms, value);
    await store(id, 0, [...pageWith('first words', from), words(2000, 'second words')]);
    await page.goto(`${server.url}/replay/${id}`);
    const frame = page.frameLocator('.replayer-wrapper iframe');
    const bar = page.getByRole('slider', { name: 'Place in the recording' });
    const longAs = (seconds: number) =>
      until(async () => Number(await bar.getAttribute('aria-valuemax')) === seconds, `${seconds} seconds`);
    // More is asked for every few seconds, and at once when somebody comes back to the page.
    const more = async (n: number, events: object[]) => {
      await store(id, n, events);
      await page.evaluate("dispatchEvent(new Event('visibilitychange'))");
    };
    await frame.getByText('first words').waitFor();
    await longAs(2);
    await more(1, [words(4000, 'third words')]);
    await longAs(4);
    assert.equal(await bar.getAttribute('aria-valuenow'), '0');
    await frame.getByText('first words').waitFor();

    const live = (pressed: boolean) => page.getByRole('button', { name: 'Live', exact: true, pressed });
    await live(false).click();
    await frame.getByText('third words').waitFor();
    await live(true).waitFor();
    await assertAccessible(page, 'replay-live');
    await more(2, [words(5000, 'fourth words')]);
    await frame.getByText('fourth words').waitFor();
    // What comes after what should have come before it is put in its place.
    await more(4, [words(7000, 'last words')]);
    await frame.getByText('last words').waitFor();
    await more(3, [{ ...words(6000, ''), data: { source: 4, width: 640, height: 400 } }]);
    await page.locator('.replayer-wrapper iframe[width="640"]').waitFor();
    await frame.getByText('last words').waitFor();

    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    const came = page.waitForResponse((answer) => answer.url().includes(`/${id}/chunks`));
    await more(5, [words(8000, 'after the pause')]);
    await longAs(8);
    await came;
    await drawn(page);
    await live(false).waitFor();
    assert.equal(await frame.getByText('last words').count(), 1);
    // One look at it in the audit log, however long it was watched; that of the command line is another's.
    const { items } = await server.api<{ items: { action: string; actor: { name: string }; subjects: string[] }[] }>(
      'GET',
      '/api/audit?limit=200',
    );
    const looks = items.filter(
      ({ actor, subjects }) => actor.name === OWNER.name && subjects.includes(`recordings/${id}`),
    );
    assert.deepEqual(
      looks.map(({ action }) => action).filter((action) => action.includes('/{id}')),
      ['GET /api/replay/recordings/{id}'],
    );
  });

  it('shows an uncaught error once, and of what was chosen that it is masked', async () => {
    site.pages['/form'] = {
      html: `<!doctype html><script async src="${server.url}/sdk.js" data-write-key="${key}"></script><title>A form</title>
        <select id="country"><option value="pl">Poland</option><option value="it" selected>Italy</option></select>
        <select id="plan"><option value="">Choose a plan</option><option value="gold">Gold</option></select>
        <select id="many" multiple size="4"><option value="red">Red</option><option value="blue">Blue</option></select>`,
    };
    const visit = await browser.newContext({ viewport: VIEW });
    const form = await visit.newPage();
    await form.goto(`${site.url}/form`);
    await form.waitForFunction('sessionStorage.tl_recording');
    await form.waitForResponse((response) => response.url().includes('/chunks/0'), { timeout: 30_000 });
    const now = () => form.evaluate<number>('new Promise((done) => setTimeout(() => done(Date.now()), 300))');
    const before = await now();
    await form.selectOption('#plan', 'gold');
    await form.selectOption('#many', ['blue']);
    const chosen = await now();
    await form.selectOption('#plan', '');
    await form.selectOption('#many', []);
    const empty = await now();
    await form.evaluate("setTimeout(() => { throw new TypeError('the plan is not there') })");
    await form.evaluate("console.error('a price is missing')");
    const last = await now();
    const id = await until(async () => {
      for (const { id } of (await list()).items) {
        const { index } = await detailOf(id);
        // The uncaught one is told as an event too.
        const whole = index.errors.length === 2 && index.signals.length === 1;
        if (whole && index.pages.some(({ url }) => url.endsWith('/form'))) return id;
      }
      return null;
    }, 'the recording is stored');
    const { index } = await detailOf(id);
    await until(async () => {
      const { personId } = await detailOf(id);
      if (personId === null) return false;
      const path = `/api/people/${personId}/timeline?limit=50`;
      return (await server.api<{ items: { name: string }[] }>('GET', path)).items.some(
        ({ name }) => name === 'Error Occurred',
      );
    }, 'the event is on the timeline');
    await visit.close();

    const shown = `(() => {
      const of = document.querySelector('.replayer-wrapper iframe')?.contentDocument;
      return ['country', 'plan', 'many']
        .map((id) => [...(of?.querySelector('#' + id)?.selectedOptions ?? [])].map((one) => one.textContent).join())
        .join('; ');
    })()`;
    const isShown = (words: string) => until(async () => (await page.evaluate(shown)) === words, `${words} is shown`);
    // Each both by playing on from before and by a jump; what is not chosen any more is not shown as if it were.
    for (const [moment, words] of [
      [before, '•••••; Choose a plan; '],
      [chosen, '•••••; •••••; •••••'],
      [empty, '•••••; Choose a plan; '],
      [last, '•••••; Choose a plan; '],
    ] as const) {
      await at(id, (moment - 100 - index.fromMs) / 1000);
      await isShown(words);
    }
    const beside = page.getByRole('list', { name: 'Events' });
    await beside.getByText('TypeError: the plan is not there').waitFor();
    await beside.getByText('a price is missing').waitFor();
    const errors = beside.getByRole('listitem').filter({ hasText: 'An error occurred' });
    await errors.nth(1).waitFor();
    assert.equal(await errors.count(), 2);
    await page.goto(`${server.url}/replay/${id}`);
    await isShown('•••••; Choose a plan; ');
    await page.locator('body').click({ position: { x: 5, y: 5 } });
    await page.keyboard.press(' ');
    await isShown('•••••; •••••; •••••');
    await isShown('•••••; Choose a plan; ');
  });

  it('draws what came while its first picture was on its way, and belongs into that', async () => {
    const id = randomUUID();
    const from = Date.now() - 20_000;
    await store(id, 0, pageWith('first words', from));
    await store(id, 2, [wordsAt(from + 4000, 'after it'), wordsAt(from + 19_000, 'much later')]);
    let late = true;
    await page.route('**/chunks?*', async (route) => {
      const response = await route.fetch();
      if (late) {
        late = false;
        await store(id, 1, [wordsAt(from + 2000, 'came late')]);
        const grown = page.waitForResponse((answer) => answer.url().includes(`/${id}/growth`) && answer.ok());
        await page.evaluate("dispatchEvent(new Event('visibilitychange'))");
        await (await grown).finished();
        await drawn(page);
      }
      await route.fulfill({ response });
    });
    await page.goto(`${server.url}/replay/${id}?t=3`);
    await page.frameLocator('.replayer-wrapper iframe').getByText('came late').waitFor();
    await page.unroute('**/chunks?*');
  });
});
