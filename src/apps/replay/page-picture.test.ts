import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { PagePicture } from './page-picture.ts';
import { type ReplayServer, replayServer } from './replay.testing.ts';

const PHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1';
const COMPUTER =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';
const START = Date.now() - 3_600_000;

/** A page as rrweb tells it: a document with one paragraph. */
const snapshot = (text: string, more: object[] = []) => ({
  node: {
    id: 1,
    type: 0,
    childNodes: [
      {
        ...{ id: 2, type: 2, tagName: 'html', attributes: {} },
        childNodes: [
          {
            ...{ id: 3, type: 2, tagName: 'body', attributes: {} },
            childNodes: [
              {
                ...{ id: 4, type: 2, tagName: 'p', attributes: {} },
                childNodes: [{ id: 5, type: 3, textContent: text }],
              },
              ...more,
            ],
          },
        ],
      },
    ],
  },
  initialOffset: { left: 0, top: 0 },
});
const change = (value: string) => ({
  ...{ source: 0, removes: [], adds: [], attributes: [] },
  texts: [{ id: 5, value }],
});

describe('the picture of a page', () => {
  let server: ReplayServer;
  before(async () => {
    server = await replayServer();
  });
  after(() => server.close());

  /** Records a visit to some pages, one after the other, begun so many minutes after the first of all. */
  async function record(
    minutes: number,
    pages: { path: string; text: string; more?: object[]; after?: [ms: number, data: object][] }[],
    userAgent = COMPUTER,
  ): Promise<string> {
    const id = randomUUID();
    let at = START + minutes * 60_000;
    const events = pages.flatMap(({ path, text, more, after = [] }) => {
      at += 10_000;
      const begun = at;
      return [
        { type: 4, timestamp: begun, data: { href: `https://shop.example${path}`, width: 800, height: 600 } },
        { type: 2, timestamp: begun + 5, data: snapshot(text, more) },
        ...after.map(([ms, data]) => ({ type: 3, timestamp: begun + ms, data })),
      ];
    });
    const url = `https://shop.example${pages[0]!.path}`;
    const body = { v: 1, anonymousId: `visitor-${id}`, page: { url, title: 'Shop', viewport: [800, 600] }, events };
    const answer = await server.send(id, 0, body, { 'user-agent': userAgent });
    assert.equal(answer.status, 200, await answer.text());
    return id;
  }
  const ask = async (page: string, device = 'all') => {
    const answer = await server.api('GET', `/api/replay/page-picture?${new URLSearchParams({ page, device })}`);
    assert.equal(answer.status, 200);
    return (await answer.json()) as PagePicture;
  };
  const shown = async (page: string, device?: string) => {
    const { picture, reason } = await ask(page, device);
    return picture ? /"textContent":"([^"]*)"/.exec(JSON.stringify(picture.events))![1] : reason;
  };

  it('is the newest of that page and device, whichever page of the visit it was', async () => {
    await record(0, [{ path: '/old?x=1#top', text: 'older' }]);
    await record(1, [
      { path: '/start', text: 'start' },
      { path: '/old', text: 'newer' },
    ]);
    await record(2, [{ path: '/old', text: 'on a telephone' }], PHONE);
    await record(3, [{ path: '/100%_a', text: 'percent' }]);
    assert.equal(await shown('/old'), 'on a telephone');
    assert.equal(await shown('/old', 'desktop'), 'newer');
    assert.equal(await shown('/old', 'mobile'), 'on a telephone');
    assert.equal(await shown('/old', 'tablet'), 'none');
    assert.equal(await shown('/st*'), 'start');
    assert.equal(await shown('/100%_a'), 'percent');
    assert.equal(await shown('/100__a'), 'none');
    assert.equal(await shown('/ol'), 'none');
  });

  it('has what the page built within seconds, and nothing that the visitor did or saw later', async () => {
    const id = await record(10, [
      {
        path: '/built',
        text: 'loading',
        after: [
          [100, { source: 1, positions: [{ x: 1, y: 1, id: 4, timeOffset: 0 }] }],
          [2000, change('built')],
          [9000, change('much later')],
        ],
      },
      { path: '/next', text: 'next' },
    ]);
    const { picture } = await ask('/built');
    assert.deepEqual([picture!.recordingId, picture!.width, picture!.height], [id, 800, 600]);
    assert.deepEqual(
      picture!.events.map(({ type }) => type),
      [4, 2, 3],
    );
    assert.deepEqual((picture!.events[2]!.data as { texts: object[] }).texts, [{ id: 5, value: 'built' }]);
  });

  it('runs nothing, and is not shown to roles that do not see personal data', async () => {
    const script = {
      id: 9,
      type: 2,
      tagName: 'script',
      attributes: { src: 'https://evil.example/x.js' },
      childNodes: [],
    };
    const image = { id: 10, type: 2, tagName: 'img', attributes: { src: 'x', onerror: 'alert(1)' }, childNodes: [] };
    await record(20, [{ path: '/evil', text: 'evil', more: [script, image] }]);
    const told = JSON.stringify((await ask('/evil')).picture!.events);
    assert.doesNotMatch(told, /evil\.example|onerror|alert|"script"/);
    server.hide(true);
    assert.equal((await server.api('GET', '/api/replay/page-picture?page=%2Fevil')).status, 403);
    server.hide(false);
    for (const query of ['', '?page=', `?page=${'x'.repeat(2001)}`, '?page=%2F&device=watch'])
      assert.equal((await server.api('GET', `/api/replay/page-picture${query}`)).status, 400, query);
  });
});
