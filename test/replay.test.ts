import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { until } from '../src/kernel/testing-until.ts';
import { assertAccessible } from './accessible.ts';
import { ATTACKS, recordingOf } from './replay-hostile.ts';
import {
  at,
  browser,
  detailOf,
  key,
  list,
  outside,
  page,
  recordShop,
  server,
  staff,
  store,
  VIEW,
  watchRecordings,
} from './replay-visit.ts';

const pictures = process.env.SCREENSHOTS;
const samples = new URL('../../shared/data/rrweb/', import.meta.url);
/** Of a picture, so much may differ: edges of letters where the frame is not at a whole pixel. */
const TOLERANCE = 0.004;

watchRecordings();

/** The share of pixels that differ by more than antialiasing does, found by the browser itself. */
async function differing(a: Buffer, b: Buffer): Promise<number> {
  const blank = await browser.newPage();
  const share = await blank.evaluate(
    `(async () => {
      const read = async (data) => {
        const picture = await createImageBitmap(await (await fetch('data:image/png;base64,' + data)).blob());
        const canvas = new OffscreenCanvas(picture.width, picture.height);
        const drawing = canvas.getContext('2d');
        drawing.drawImage(picture, 0, 0);
        return drawing.getImageData(0, 0, picture.width, picture.height);
      };
      const [a, b] = [await read('${a.toString('base64')}'), await read('${b.toString('base64')}')];
      if (a.width !== b.width || a.height !== b.height) return 1;
      let different = 0;
      for (let at = 0; at < a.data.length; at += 4)
        if (Math.max(...[0, 1, 2].map((n) => Math.abs(a.data[at + n] - b.data[at + n]))) > 40) different += 1;
      return different / (a.data.length / 4);
    })()`,
  );
  await blank.close();
  return share as number;
}

describe('replay', { timeout: 400_000 }, () => {
  let recorded = '';

  it('plays a real page back to the same picture at every time', async () => {
    const { id, taken } = await recordShop();
    recorded = id;
    const { index } = await detailOf(id);
    for (const [n, { at: moment, picture }] of taken.entries()) {
      const played = await at(id, (moment - index.fromMs) / 1000);
      if (pictures) {
        mkdirSync(pictures, { recursive: true });
        writeFileSync(`${pictures}/replay-page-${n}.png`, picture);
        writeFileSync(`${pictures}/replay-played-${n}.png`, played);
      }
      const share = await differing(picture, played);
      assert.ok(share <= TOLERANCE, `step ${n}: ${(share * 100).toFixed(2)} % of the picture differ`);
    }
    assert.deepEqual(outside, []);
  });

  it('shows of two tabs of a session what went wrong in each', async () => {
    const ids = [randomUUID(), randomUUID()] as const;
    const from = Date.now() - 20_000;
    const anonymousId = `tabs-${ids[0]}`;
    const signals = [
      { name: 'Rage Clicked', id: randomUUID() },
      { name: 'U-Turned', id: randomUUID() },
    ] as const;
    const events = [...signals, { name: 'Voucher Used', id: randomUUID() }];
    const batch = events.map(({ name, id }, n) => ({
      ...{ type: 'track', event: name, messageId: id, anonymousId, timestamp: new Date(from + 1000 + n).toISOString() },
    }));
    const sent = await fetch(`${server.url}/v1/batch`, {
      method: 'POST',
      body: JSON.stringify({ writeKey: key, sentAt: new Date().toISOString(), batch }),
    });
    assert.ok(sent.ok, await sent.text());
    const node = { type: 0, id: 1, childNodes: [{ type: 2, tagName: 'html', attributes: {}, id: 2, childNodes: [] }] };
    for (const [n, id] of ids.entries()) {
      const told = [
        { type: 4, timestamp: from, data: { href: 'https://shop.example/', ...VIEW } },
        { type: 2, timestamp: from, data: { node, initialOffset: { left: 0, top: 0 } } },
        { type: 5, timestamp: from + 1000, data: { tag: 'tl-signal', payload: signals[n] } },
        { type: 3, timestamp: from + 5000, data: { source: 1, positions: [{ x: 1, y: 1, id: 2, timeOffset: 0 }] } },
      ];
      await store(id, 0, told, { anonymousId, signals: true });
    }
    const personId = await until(async () => (await detailOf(ids[0])).personId, 'the person is known');
    const line = () => server.api<{ items: unknown[] }>('GET', `/api/people/${personId}/timeline?limit=50`);
    await until(async () => (await line()).items.length >= events.length, 'the events are stored');
    for (const [n, id] of ids.entries()) {
      await page.goto(`${server.url}/replay/${id}`);
      const beside = page.getByRole('list', { name: 'Events' });
      await beside.getByText('Voucher Used').waitFor();
      for (const [of, words] of ['Clicked in anger', 'Went straight back'].entries())
        assert.equal(await beside.getByText(words).count(), of === n ? 1 : 0, words);
    }
  });

  it('never lets a hostile recording run, lead away or ask anybody else', async () => {
    const asked: string[] = [];
    const evil = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => evil.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(evil.address() as AddressInfo).port}`;
    const opened: string[] = [];
    const remember = (other: Page) => void opened.push(other.url());
    const unguarded = await browser.newContext({
      storageState: await staff.storageState(),
      bypassCSP: true,
      locale: 'en-GB',
    });
    unguarded.setDefaultTimeout(20_000);
    const bare = await unguarded.newPage();
    staff.on('page', remember);
    unguarded.on('page', remember);
    try {
      for (const attack of ATTACKS) {
        const id = randomUUID();
        const from = Date.now() - 60_000;
        await store(id, 0, recordingOf(attack, address, from), { anonymousId: `evil-${id}` });
        // Both ways in which changes are drawn, one after the other and all at once by a jump to the end; and with the
        // console's policy about contents, which is the second wall, and without.
        for (const [seconds, looking] of [
          [0, page],
          [1.9, bare],
        ] as const) {
          await looking.goto(`${server.url}/replay/${id}?t=${seconds}`);
          await looking.getByRole('button', { name: 'Play', exact: true }).waitFor();
          const frame = looking.frameLocator('.replayer-wrapper iframe');
          await looking.locator('body').click({ position: { x: 5, y: 5 } });
          if (seconds === 0) await looking.keyboard.press(' ');
          await frame.getByText('drawn', { exact: true }).waitFor({ state: 'attached' });
          await sleep(200);
          assert.equal(new URL(looking.url()).pathname, `/replay/${id}`, attack.name);
          const state = await looking.evaluate('[window.hacked, document.title.includes("ran")]');
          assert.deepEqual(state, [undefined, false], attack.name);
          const sandboxes = await looking
            .locator('.replayer-wrapper iframe')
            .evaluateAll((frames) => frames.map((one) => one.getAttribute('sandbox')));
          assert.deepEqual(sandboxes, ['allow-same-origin'], attack.name);
        }
      }
      await unguarded.close();
    } finally {
      staff.off('page', remember);
      evil.close();
      evil.closeAllConnections();
    }
    assert.deepEqual(asked, []);
    assert.deepEqual(opened, []);
    assert.deepEqual(outside, []);
  });

  it('plays recordings that others made, over their pauses', {
    skip: !existsSync(samples) && 'no recordings at ../shared/data',
  }, async () => {
    const read = (name: string) => {
      const read = JSON.parse(readFileSync(new URL(name, samples), 'utf8')) as Events | { events: Events };
      return Array.isArray(read) ? read : read.events;
    };
    type Events = { timestamp: number }[];
    for (const [name, words] of [
      ['rrweb_player_demo_2018.json', 'demoit'],
      ['jupyterlite_recording.json', 'JupyterLite'],
      ['rrweb_test_events/shadow-dom.json', ''],
      ['rrweb_test_events/iframe.json', ''],
      ['rrweb_test_events/dialog-playback.json', ''],
    ] as const) {
      const id = randomUUID();
      const events = read(name);
      await store(id, 0, events, { anonymousId: `sample-${id}` });
      const { index } = await detailOf(id);
      assert.equal(index.fromMs, Math.min(...events.map(({ timestamp }) => timestamp)), name);
      await page.goto(`${server.url}/replay/${id}`);
      await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
      await page.locator('.replayer-wrapper iframe').waitFor();
      const bar = page.getByRole('slider', { name: 'Place in the recording' });
      await page.locator('body').click({ position: { x: 5, y: 5 } });
      for (let n = 0; n < 4; n++) await page.keyboard.press('>');
      await page.keyboard.press(' ');
      // A minute and more is over in seconds: sixteen times as fast, and without the pauses.
      await until(async () => {
        const [now, end] = await Promise.all([bar.getAttribute('aria-valuenow'), bar.getAttribute('aria-valuemax')]);
        return Number(now) >= Number(end) - 1;
      }, `${name} is over`);
      // It came a moment ago, and might go on.
      await page.getByRole('button', { name: 'Live', exact: true, pressed: true }).waitFor();
      const text = await page.evaluate<string>(
        "document.querySelector('.replayer-wrapper iframe').contentDocument.documentElement.outerHTML",
      );
      assert.ok(text.includes(words) && text.length > 0, `${name}: ${text.slice(0, 200)}`);
      assert.equal(await page.getByRole('alert').count(), 0, name);
      if (pictures) await page.screenshot({ path: `${pictures}/replay-${name.replaceAll(/\W+/g, '-')}.png` });
    }
    assert.deepEqual(outside, []);
  });

  it('keeps notes at their moments, and shows a recording by a link until it ends', async () => {
    await page.goto(`${server.url}/replay/${recorded}?t=2`);
    await page.getByRole('tab', { name: 'Notes' }).click();
    await page.getByLabel('Note at 0:02').fill('The price jumps <b>here</b>');
    await page.getByRole('button', { name: 'Add note' }).click();
    await page.getByRole('button', { name: /0:02 The price jumps <b>here<\/b>/ }).waitFor();
    await page.getByRole('button', { name: 'Delete note' }).click();
    await page.getByText('No notes yet.').waitFor();

    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByRole('button', { name: 'Make a link' }).click();
    const link = (await page.locator('aside code').textContent())!;
    const stranger = await browser.newContext({ viewport: { width: 1300, height: 900 }, locale: 'en-GB' });
    stranger.setDefaultTimeout(20_000);
    const looking = await stranger.newPage();
    await looking.goto(link);
    await looking.frameLocator('.replayer-wrapper iframe').getByText('The shop').waitFor();
    await assertAccessible(looking, 'replay-shared');
    const token = link.split('/').at(-1)!;
    const bytes = await (await fetch(`${server.url}/api/replay/shared/${token}`)).text();
    const { anonymousId } = (
      await server.api<{ recording: { anonymousId: string } }>('GET', `/api/replay/recordings/${recorded}`)
    ).recording;
    const chunks = await (await fetch(`${server.url}/api/replay/shared/${token}/chunks`)).text();
    assert.ok(chunks.includes('inside a shadow'));
    for (const secret of [recorded, anonymousId, 'tl-network', 'tl-console']) {
      assert.ok(!bytes.includes(secret), secret);
      assert.ok(!chunks.includes(secret), secret);
    }
    const looks = await server.api<{ items: { action: string; subjects: string[] }[] }>('GET', '/api/audit?limit=200');
    assert.ok(
      looks.items.some(
        (one) => one.action.includes('/api/replay/shared/') && one.subjects.includes(`recordings/${recorded}`),
      ),
    );

    // It ends by itself, and by a hand.
    for (const [what, end] of [
      [
        'expired',
        () =>
          server
            .api('POST', `/api/replay/recordings/${recorded}/shares`, { expiresInSeconds: 10 })
            .then(() => 'taken', String),
      ],
      [
        'revoked',
        async () => {
          const { items } = await server.api<{ items: { id: string }[] }>(
            'GET',
            `/api/replay/recordings/${recorded}/shares`,
          );
          await server.api('DELETE', `/api/replay/shares/${items[0]!.id}`);
        },
      ],
    ] as const) {
      const answer = await end();
      if (what === 'expired') assert.match(String(answer), /400/);
    }
    await looking.goto(link);
    await looking.getByRole('heading', { name: 'This link shows nothing' }).waitFor();
    for (const path of ['', '/chunks', `/assets/${'0'.repeat(64)}`])
      assert.equal((await fetch(`${server.url}/api/replay/shared/${token}${path}`)).status, 404);
    await stranger.close();
  });

  it('finds recordings by what their visitors did and are, and ranks them by what went wrong', async () => {
    const ids = async (query: Record<string, unknown>) => {
      const words = Object.entries(query).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]);
      return (await list(String(new URLSearchParams(Object.fromEntries(words))))).items.map(({ id }) => id);
    };
    const clicked = { events: [{ name: 'Element Clicked' }] };
    await until(async () => (await ids({ what: clicked })).includes(recorded), 'its click is known');
    assert.deepEqual(await ids({ what: clicked }), [recorded]);
    assert.deepEqual(await ids({ what: { events: [{ name: 'Order Completed' }] } }), []);
    const path = { field: { of: 'event', name: 'path' }, is: 'is', values: ['/shop'] };
    assert.deepEqual(await ids({ filter: path }), [recorded]);
    assert.deepEqual(await ids({ filter: { not: { ...path, is: 'isSet', values: [] } }, what: clicked }), []);
    const { personId } = await detailOf(recorded);
    assert.deepEqual(await ids({ person: personId! }), [recorded]);
    const report = {
      ...{ kind: 'trend', period: { last: 7, unit: 'day' }, interval: 'day' },
      series: [{ what: clicked, measure: { of: 'people' } }],
    };
    const behind = await server.api<{ items: { id: string }[] }>('POST', '/api/query/people', {
      report,
      part: { series: 'A' },
    });
    assert.deepEqual(
      behind.items.map(({ id }) => id),
      [personId],
    );
    assert.deepEqual(await ids({ report, part: { series: 'A' } }), [recorded]);
    assert.deepEqual(await ids({ page: 'the SHOP', minSeconds: '2' }), [recorded]);
    assert.ok(!(await ids({ minSeconds: '3600' })).includes(recorded));

    // Of all, those where errors were shown come first.
    const { items } = await list('sort=first&limit=100');
    assert.ok(items.length >= ATTACKS.length + 1);
    assert.deepEqual(
      items.map(({ score }) => score),
      items.map(({ score }) => score).toSorted((a, b) => b - a),
    );
    assert.ok(items[0]!.signals.errors! > 0 && items[0]!.score >= 5);
    const first = await list('sort=first&limit=3');
    const second = await list(`sort=first&limit=3&cursor=${first.nextCursor}`);
    assert.deepEqual(
      [...first.items, ...second.items].map(({ id }) => id),
      items.slice(0, 6).map(({ id }) => id),
    );
    await assert.rejects(() => list('what=nonsense'), /400/);
    await assert.rejects(() => list(`report=${encodeURIComponent(JSON.stringify(report))}`), /400.*part/s);
  });

  it('is closed to roles that do not see personal data, and to those who may not watch', async () => {
    const { apiKey } = await server.api<{ apiKey: string }>('POST', '/api/keys', { role: 'analyst', name: 'analyst' });
    const call = (path: string, method = 'GET') =>
      fetch(`${server.url}${path}`, { method, headers: { authorization: `Bearer ${apiKey}` } }).then(
        ({ status }) => status,
      );
    for (const path of ['', `/${recorded}`, `/${recorded}/chunks`, `/${recorded}/growth`, `/${recorded}/notes`])
      assert.equal(await call(`/api/replay/recordings${path}`), 403, path);
    assert.equal(await call(`/api/replay/recordings/${recorded}`, 'DELETE'), 403);
  });

  it('shows a person’s recordings beside their line, and leads from a moment to its picture', async () => {
    const { personId } = await detailOf(recorded);
    await page.goto(`${server.url}/people/${personId}`);
    await page.getByRole('list', { name: 'Recordings' }).getByRole('link', { name: 'The shop' }).waitFor();
    await page.getByRole('link', { name: 'Watch', exact: true }).first().click();
    await page.waitForURL(new RegExp(`/replay/${recorded}`));
    await page.frameLocator('.replayer-wrapper iframe').getByText('The shop').waitFor();
  });

  it('lists recordings, and opens one', async () => {
    await page.goto(`${server.url}/replay`);
    await page.getByRole('heading', { name: 'Replay', level: 1 }).waitFor();
    const listed = page.getByRole('table', { name: 'Replay', exact: true });
    await listed.getByRole('row').nth(1).waitFor();
    await assertAccessible(page, 'replay-list');
    await page.goto(`${server.url}/replay?settings=1`);
    const panel = page.getByRole('complementary').filter({ has: page.getByRole('heading', { name: 'Settings' }) });
    await panel.getByLabel('Share of visitors, in percent').waitFor();
    await assertAccessible(page, 'replay-settings');
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    const link = listed.getByRole('link', { name: /Visitor|Unknown/ }).first();
    await link.click();
    await page.waitForURL(/\/replay\/[0-9a-f-]{36}/);
    const gone = new URL(page.url()).pathname.split('/').at(-1)!;
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('button', { name: 'Delete for good' }).click();
    await page.waitForURL(/\/replay$/);
    await assert.rejects(() => detailOf(gone), /404/);
  });
});
