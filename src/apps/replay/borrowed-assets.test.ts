import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { createSource } from '../../core/sources/sources.ts';
import { VISITORS } from './dictionary.ts';
import { CHUNK_ASSETS } from './limits.ts';
import { removeRecordings } from './recordings.ts';
import { chunkOf, custom, meta, newId, type ReplayServer, replayServer, snapshot } from './replay.testing.ts';
import { LIFETIME } from './shares.ts';

let server: ReplayServer;
const SITE = 'https://shop.example';

/** A picture, as a recorder sends it; gives its SHA-256. */
async function keep(words: string, type = 'image/svg+xml'): Promise<string> {
  const body = type === 'text/css' ? words : `<svg xmlns="http://www.w3.org/2000/svg"><text>${words}</text></svg>`;
  const hash = createHash('sha256').update(body).digest('hex');
  const response = await fetch(`${server.url}/v1/recordings/assets/${hash}`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${server.source.writeKey}`, 'content-type': type },
    body,
  });
  assert.equal(response.status, 200, await response.text());
  return hash;
}

/** A visit to a page with a picture; its recorder kept it where a hash is given. */
async function visit(
  visitor: string,
  url: string,
  hash?: string,
  more: Record<string, unknown> = {},
  others: string[] = [],
): Promise<string> {
  const id = newId();
  const page = snapshot(1);
  const body = page.data.node.childNodes[0]!.childNodes[1]!;
  for (const [n, src] of [url, ...others].entries())
    body.childNodes.push({ type: 2, tagName: 'img', attributes: { src }, childNodes: [], id: 9 + n } as never);
  const told = hash ? [custom(2, 'tl-asset', { url, hash })] : [];
  const response = await server.send(
    id,
    0,
    chunkOf([meta(0), page, ...told], { anonymousId: visitor, ...more }),
    (more.headers as Record<string, string>) ?? {},
  );
  assert.equal(response.status, 200, await response.text());
  return id;
}
const shown = async (id: string): Promise<string> => {
  const text = await (await server.api('GET', `/api/replay/recordings/${id}/chunks`)).text();
  return /"tagName":"img","attributes":\{"src":"([^"]*)"/.exec(text)?.[1] ?? text;
};

describe('a picture that a recorder had no time to keep', () => {
  before(async () => {
    server = await replayServer();
  });
  after(() => server?.close());

  it('is shown as several other visitors were given it, also by a link and when theirs are gone', async () => {
    const url = `${SITE}/logo.svg`;
    const hash = await keep('logo');
    const others = [];
    for (let n = 1; n < VISITORS; n++) others.push(await visit(`visitor ${n}`, url, hash));
    // Of one visitor, as many as there are: it is one.
    others.push(await visit('visitor 1', url, hash));
    assert.doesNotMatch(await shown(await visit('quick 1', url)), /assets/);
    others.push(await visit('one more', url, hash));
    const id = await visit('quick 2', url);
    assert.equal(await shown(id), `/api/replay/assets/${hash}?of=${id}`);

    const answer = await server.api('POST', `/api/replay/recordings/${id}/shares`, { expiresInSeconds: LIFETIME.min });
    const { link } = (await answer.json()) as { link: string };
    const shared = `${server.url}/api/replay/shared/${link.split('/').at(-1)}`;
    assert.match(await (await fetch(`${shared}/chunks`)).text(), new RegExp(`assets/${hash}`));
    assert.match(await (await fetch(`${shared}/assets/${hash}`)).text(), /logo/);

    await removeRecordings(server.context, others);
    assert.equal((await server.api('GET', `/api/replay/assets/${hash}`)).status, 200);
    // What is borrowed is no evidence: else it would go round for ever.
    for (const n of [3, 4, 5]) assert.doesNotMatch(await shown(await visit(`quick ${n}`, url)), /assets/);
    await removeRecordings(server.context, [id]);
    assert.equal((await server.api('GET', `/api/replay/assets/${hash}`)).status, 404);
  });

  it('is never one that was another visitor’s own, nor another source’s; but the same visitor’s is', async () => {
    const url = `${SITE}/me.svg`;
    const hashes = [];
    for (let n = 0; n < VISITORS + 1; n++) {
      hashes.push(await keep(`the face of ${n}`));
      await visit(`face ${n}`, url, hashes[n]);
    }
    assert.doesNotMatch(await shown(await visit('somebody', url)), /assets/);
    assert.match(await shown(await visit('face 1', url)), new RegExp(`assets/${hashes[1]}`));
    // On the same device, but somebody else.
    assert.doesNotMatch(await shown(await visit('face 1', url, undefined, { userId: 'u1' })), /assets/);

    const other = await createSource(server.context, { name: 'other site', kind: 'browser' });
    const headers = { authorization: `Bearer ${other.writeKey}` };
    const elsewhere = `${SITE}/elsewhere.svg`;
    const hash = await keep('elsewhere');
    for (let n = 0; n < VISITORS; n++) await visit(`else ${n}`, elsewhere, hash, { headers });
    assert.doesNotMatch(await shown(await visit('not there', elsewhere)), /assets/);
    assert.match(await shown(await visit('there', elsewhere, undefined, { headers })), new RegExp(`assets/${hash}`));
  });

  it('is looked for with the next question where a page shows more than are looked for at once', async () => {
    const url = `${SITE}/last.svg`;
    const hash = await keep('last');
    for (let n = 0; n < VISITORS; n++) await visit(`last ${n}`, url, hash);
    const many = Array.from({ length: CHUNK_ASSETS }, (_, n) => `${SITE}/none-${n}.svg`);
    const id = await visit('many', `${SITE}/none.svg`, undefined, {}, [...many.slice(1), url]);
    const answer = async () => (await server.api('GET', `/api/replay/recordings/${id}/chunks`)).text();
    assert.doesNotMatch(await answer(), /assets/);
    assert.match(await answer(), new RegExp(`assets/${hash}`));
  });

  it('is found within a style sheet, too, and what is no address is not looked for', async () => {
    const [sheet, font] = [`${SITE}/look.css`, `${SITE}/back.svg`];
    const [css, back] = [await keep('p { background: url(back.svg) }', 'text/css'), await keep('back')];
    for (let n = 0; n < VISITORS; n++) await visit(`back ${n}`, font, back);
    const id = newId();
    const events = [meta(0), snapshot(1), custom(2, 'tl-asset', { url: sheet, hash: css })];
    assert.equal((await server.send(id, 0, chunkOf(events, { anonymousId: 'styled' }))).status, 200);
    const text = await (await server.api('GET', `/api/replay/assets/${css}?of=${id}`)).text();
    assert.match(text, new RegExp(`assets/${back}`));
    for (const url of [
      'https://x.example/\0',
      'https://x.example/\ud800',
      `https://x.example/${'x'.repeat(9000)}`,
      'javascript:1',
    ])
      assert.doesNotMatch(await shown(await visit('odd', url)), /assets/);
  });
});
