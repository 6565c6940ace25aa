import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../test/browser.ts';
import { startPeer } from '../test/recorder-peer.ts';
import { startSite } from '../test/sdk-site.ts';

/** What the main thread did while a page changed: milliseconds of the processor a second, and its longest task. */
export interface MainThread {
  msPerSecond: number;
  longestTask: number;
}

export interface RecorderTimes {
  without: MainThread;
  ours: MainThread;
  rrweb: MainThread;
  /** The task with the first snapshot. */
  snapshot: number;
  rrwebSnapshot: number;
  /** Packed, a minute. */
  bytesPerMinute: number;
}

const ROWS = 1000;
const CHANGES_A_SECOND = 200;
const TICK_MS = 50;

/**
 * 5,000 nodes (a row is four elements and their texts), of which 200 a second change as pages change: half of them texts,
 * a quarter attributes, and a quarter rows that go and come.
 */
const PAGE = `<!doctype html><title>Busy</title><style>li{line-height:1.4}.hot{color:red}</style>
<ul>${Array.from({ length: ROWS }, (_, i) => `<li data-row="${i}"><a href="#${i}"><b>Row ${i}</b></a> <i>${i}</i></li>`).join('')}</ul>
<script>
  const list = document.querySelector('ul');
  let n = 0;
  setInterval(() => {
    for (let i = 0; i < ${(CHANGES_A_SECOND * TICK_MS) / 1000}; i++) {
      const row = list.children[(n * 7919) % list.children.length];
      if (n % 4 < 2) row.lastElementChild.firstChild.data = 'price ' + n;
      else if (n % 4 === 2) row.className = row.className ? '' : 'hot';
      else {
        const next = row.cloneNode(true);
        row.remove();
        list.append(next);
      }
      n++;
    }
  }, ${TICK_MS});
</script>`;

/** Of both its parts. */
export function recorderBytes(): number {
  const served = new URL('../sdk/dist/served/', import.meta.url);
  const files = readdirSync(served).filter((name) => /^re(play|corder)\./.test(name));
  return files.reduce((sum, name) => sum + gzipSync(readFileSync(new URL(name, served)), { level: 9 }).length, 0);
}

interface Slice {
  name: string;
  ts: number;
  tid: number;
  dur?: number;
  tdur?: number;
}

/** Milliseconds of the processor in the tasks of the page's main thread, between two marks. */
function mainThread(slices: readonly Slice[], seconds: number): { total: number; before: number; longest: number } {
  const mark = slices.find(({ name }) => name === 'bench-begins');
  if (!mark) throw new Error('The trace does not say where it begins.');
  let total = 0;
  let before = 0;
  let longest = 0;
  for (const { name, tid, ts, dur = 0, tdur = dur } of slices) {
    if (name !== 'ThreadControllerImpl::RunTask' || tid !== mark.tid) continue;
    if (ts < mark.ts) before = Math.max(before, tdur / 1000);
    else if (ts < mark.ts + seconds * 1e6) {
      total += tdur / 1000;
      longest = Math.max(longest, tdur / 1000);
    }
  }
  return { total, before, longest };
}

async function run(browser: Browser, url: string, seconds: number, ready: string) {
  const page = await (await browser.newContext()).newPage();
  const client = await page.context().newCDPSession(page);
  const slices: Slice[] = [];
  client.on('Tracing.dataCollected', ({ value }) => slices.push(...(value as never[])));
  await client.send('Tracing.start', { categories: 'toplevel,blink.user_timing', transferMode: 'ReportEvents' });
  await page.goto(url);
  await page.waitForFunction(ready);
  await page.waitForTimeout(3000);
  await page.evaluate("performance.mark('bench-begins')");
  await page.waitForTimeout(seconds * 1000);
  const ended = new Promise((resolve) => client.once('Tracing.tracingComplete', resolve));
  await client.send('Tracing.end');
  await ended;
  await page.context().close();
  return mainThread(slices, seconds);
}

/** Times the same page without a recorder, with ours, and with rrweb's as it comes, which keeps what it records. */
export async function timeRecorder(seconds: number, rounds: number): Promise<RecorderTimes> {
  const peer = await startPeer();
  const site = await startSite();
  const browser = await launchBrowser();
  const rrweb = fileURLToPath(new URL('../node_modules/@rrweb/record/umd/record.min.js', import.meta.url));
  const text = { 'content-type': 'text/html; charset=utf-8' };
  site.pages['/rrweb.js'] = { html: readFileSync(rrweb, 'utf8') };
  site.pages['/without'] = { html: PAGE, headers: text };
  site.pages['/ours'] = { html: `${PAGE}<script async src="${peer.url}/sdk.js" data-write-key="key"></script>` };
  site.pages['/rrweb'] = {
    html: `${PAGE}<script src="/rrweb.js"></script><script>
      let kept = []; window.recorded = true;
      rrwebRecord.record({ emit: (event) => kept.push(event) });
      setInterval(() => { new Blob([JSON.stringify(kept)]); kept = []; }, 5000);
    </script>`,
  };
  try {
    const all: Record<string, { total: number; before: number; longest: number }[]> = {};
    for (let round = 0; round < rounds; round++) {
      for (const [name, ready] of [
        ['without', 'true'],
        ['ours', "performance.getEntriesByType('resource').some(({ name }) => name.includes('/chunks/'))"],
        ['rrweb', 'window.recorded'],
      ] as const) {
        all[name] = (all[name] ?? []).concat(await run(browser, `${site.url}/${name}`, seconds, ready));
      }
    }
    const middle = (name: string) => {
      const sorted = all[name]!.toSorted((a, b) => a.total - b.total);
      return sorted[Math.floor(sorted.length / 2)]!;
    };
    const of = (name: string): MainThread => ({
      msPerSecond: middle(name).total / seconds,
      longestTask: middle(name).longest,
    });
    if (peer.faults.length > 0) throw new Error(peer.faults.join('\n'));
    return {
      without: of('without'),
      ours: of('ours'),
      rrweb: of('rrweb'),
      snapshot: middle('ours').before,
      rrwebSnapshot: middle('rrweb').before,
      bytesPerMinute: (peer.packedBytes / (rounds * (seconds + 3))) * 60,
    };
  } finally {
    await browser.close();
    await site.close();
    await peer.close();
  }
}
