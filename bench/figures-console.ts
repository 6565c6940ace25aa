import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../test/server.ts';
import { type AccessResult, measureAccess } from './access.ts';
import { catalogue } from './catalogue.ts';
import { firstPage } from './console.ts';
import { timeErasure } from './erasure.ts';
import { details, ms, options, say, scale } from './figures.ts';
import { searchPaths, timelinePaths, timeReads } from './reads.ts';
import { seed } from './seed.ts';

export async function timeline(): Promise<void> {
  const people = 500_000 * scale;
  const dataDir = mkdtempSync(join(tmpdir(), 'throughline-bench-'));
  await seed(dataDir, { people, events: 10_000_000 * scale });
  const server = await startServer({ dataDir });
  const result = await timeReads(server, server.authorization, timelinePaths(people, 2000));
  details.timeline = result;
  say({
    what: `a person's timeline (50 events) with ${10 * scale} M events and ${people.toLocaleString('en')} people`,
    measured: `p50 ${ms(result.p50)}, p99 ${ms(result.p99)}`,
    reach: 'p99 ≤ 40 ms',
  });
  await server.remove();
}

export async function search(): Promise<void> {
  const people = 1_000_000 * scale;
  const dataDir = mkdtempSync(join(tmpdir(), 'throughline-bench-'));
  await seed(dataDir, { people, events: 0 });
  const server = await startServer({ dataDir });
  const result = await timeReads(server, server.authorization, searchPaths(people, 3200));
  details.search = result;
  say({
    what: `people search with ${people.toLocaleString('en')} people`,
    measured: `p50 ${ms(result.p50)}, p99 ${ms(result.p99)}`,
    reach: 'p99 ≤ 100 ms',
  });
  await server.remove();
}

/** One person of many is erased, while others' pages are being looked at. */
export async function erasure(): Promise<void> {
  const people = 500_000 * scale;
  const dataDir = mkdtempSync(join(tmpdir(), 'throughline-bench-'));
  await seed(dataDir, { people, events: 10_000_000 * scale });
  const result = await timeErasure(dataDir, people);
  rmSync(dataDir, { recursive: true, force: true });
  details.erasure = result;
  if (result.left > 0 || !result.others) throw new Error('The erasure was not exact.');
  say({
    what: `erasure of a person with 10,000 events among ${10 * scale} M events and ${people.toLocaleString('en')} people, to the last byte`,
    measured: `${result.erasureSeconds.toFixed(1)} s; other people's pages at most ${ms(result.slowestPageMs)}`,
    reach: '≤ 60 s and exact',
    beside: `SQL deletes by hand, which leave the bytes on the disk: ${result.byHandSeconds.toFixed(1)} s`,
  });
}

export async function consolePage(): Promise<void> {
  const server = await startServer();
  const result = await firstPage(server, options.quick ? 3 : 7).finally(() => server.stop());
  details.console = result;
  say({
    what: 'console: list of people, empty cache, processor slowed four times',
    measured: `shown after ${ms(result.shown)}, interactive after ${ms(result.interactive)}, longest task ${ms(result.longestTask)}, ${result.kilobytes} kB in ${result.requests} requests`,
    reach: '≤ 1.5 s',
  });
  await server.remove();
}

export async function catalogueList(): Promise<void> {
  const names = 2000;
  const result = await catalogue(names);
  details.catalogue = result;
  say({
    what: `catalogue of ${names.toLocaleString('en')} event names, a page of 200 by volume (slowest of ${result.pages.length})`,
    measured: `${ms(result.pages.at(-1)!)}, one event ${ms(result.detail)}`,
    reach: '≤ 300 ms',
  });
  say({
    what: 'catalogue page in a browser: first names drawn, all names drawn by scrolling',
    measured: `${ms(result.drawn)}, ${ms(result.allDrawn)}`,
    reach: 'first ≤ 1.5 s',
  });
}

export async function access(): Promise<void> {
  const result = await measureAccess(Math.round(10_000 * scale));
  details.access = result;
  const added = (kind: keyof AccessResult) =>
    (['p50', 'p99'] as const).map((p) => `${p} ${(result[kind][p] - result.open[p]).toFixed(2)} ms`).join(', ');
  say({
    what: 'what the check of who calls and what they may adds to a request',
    measured: `session: ${added('session')}; API key: ${added('key')}`,
    reach: '≤ 1 ms',
    beside: `the same endpoint for anybody: p50 ${result.open.p50.toFixed(2)} ms, p99 ${result.open.p99.toFixed(2)} ms`,
  });
}
