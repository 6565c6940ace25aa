import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { type Site, startSite } from './sdk-site.ts';
import { type RunningServer, startServer } from './server.ts';

describe('a visit to a company that records', { timeout: 120_000 }, () => {
  let server: RunningServer;
  let site: Site;
  let browser: Browser;
  let key: string;
  before(async () => {
    [server, site, browser] = [await startServer(), await startSite(), await launchBrowser()];
    key = (await server.api<{ writeKey: string }>('POST', '/api/sources', { name: 'shop', kind: 'browser' })).writeKey;
    const { settings, version } = await server.api<{ settings: object; version: number }>(
      'GET',
      '/api/replay/settings',
    );
    const recording = { ...settings, recording: true, minimumSeconds: 0 };
    await server.api('PUT', '/api/replay/settings', { settings: recording, version });
  });
  after(async () => {
    await browser?.close();
    await site?.close();
    await server?.remove();
  });

  it('is stored with its pages and pictures, stands on the person’s timeline, and holds nothing that is masked', async () => {
    const tag = `<script async src="${server.url}/sdk.js" data-write-key="${key}"></script>`;
    const picture = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9H0z"/></svg>';
    site.pages['/p.svg'] = { html: picture, headers: { 'content-type': 'image/svg+xml' } };
    for (const [path, next] of [
      ['/shop', '/cart'],
      ['/cart', '/shop'],
    ] as const) {
      const body = `<h1>Welcome to ${path}</h1><img src="/p.svg"><b data-tl-mask>Hidden4711</b><input><a href="${next}">On</a>`;
      site.pages[path] = { html: `<!doctype html><title>${path}</title>${tag}<body>${body}` };
    }
    const page = await (await browser.newContext()).newPage();
    const answered = (part: string, method: string) =>
      page.waitForResponse((one) => one.ok() && one.request().method() === method && one.url().includes(part));
    const first = [answered('/chunks/0', 'POST'), answered('/assets/', 'PUT'), answered('/chunks/1', 'POST')] as const;
    await Promise.all([...first, page.goto(`${site.url}/shop`).then(() => page.fill('input', 'Written4711'))]);
    await page.click('a');
    type List = { items: { id: string; anonymousId: string; playable: boolean }[] };
    type Chunks = { events: { type: number; data: { tag?: string; payload?: { hash: string } } }[] };
    let all = '';
    let recordings: List['items'] = [];
    for (let tries = 0; !(all.includes('Welcome to /cart') && all.includes('tl-asset')); tries++) {
      if (tries > 150) assert.fail(`not stored: ${JSON.stringify(recordings)} ${all.slice(0, 2000)}`);
      await sleep(100);
      recordings = (await server.api<List>('GET', '/api/replay/recordings')).items;
      if (recordings.length > 0) {
        const path = `/api/replay/recordings/${recordings[0]!.id}/chunks`;
        all = JSON.stringify(await server.api<Chunks>('GET', path));
      }
    }
    assert.equal(recordings.length, 1, 'one over both pages');
    assert.ok(recordings[0]!.playable && all.includes('Welcome to /shop'));
    assert.ok(!/Hidden4711|Written4711/.test(all));
    const query = `/api/people/lookup?kind=anonymous_id&value=${recordings[0]!.anonymousId}`;
    const told = async () => {
      const person = await server.api<{ id: string }>('GET', query).catch(() => null);
      if (!person) return [];
      const timeline = await server.api<{ items: { name: string; properties: object }[] }>(
        'GET',
        `/api/people/${person.id}/timeline?limit=50`,
      );
      return timeline.items.filter(({ name }) => name === 'Recording Started');
    };
    let began = await told();
    for (let tries = 0; began.length === 0 && tries < 150; tries++) {
      await sleep(100);
      began = await told();
    }
    assert.deepEqual(
      began.map(({ properties }) => properties),
      [{ recordingId: recordings[0]!.id }],
    );
    await server.stop();
    assert.deepEqual(filesWith(server.dataDir, ['Hidden4711', 'Written4711']), []);
  });
});

/** Files below a folder in which one of these words stands as it is. */
function filesWith(folder: string, words: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => {
      const bytes = readFileSync(file);
      return words.some((word) => bytes.includes(word));
    });
}
