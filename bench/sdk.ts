import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { launchBrowser } from '../test/browser.ts';
import { startSite } from '../test/sdk-site.ts';
import type { RunningServer } from '../test/server.ts';

/** Main-thread time that a script took in a trace, in milliseconds of the processor: the whole, and the longest piece. */
export interface ThreadTime {
  total: number;
  longest: number;
}

export const sdkBytes = (): number =>
  gzipSync(readFileSync(new URL('../sdk/dist/served/sdk.js', import.meta.url)), { level: 9 }).length;

interface Slice {
  name: string;
  ts: number;
  dur?: number;
  tdur?: number;
  args?: { data?: { url?: string; scriptName?: string } };
}

/** Loads a page of 5,000 elements with the SDK, clicks about and sends 100 events, `rounds` times over. */
export async function timeSdk(server: RunningServer, key: string, rounds: number): Promise<ThreadTime> {
  const site = await startSite();
  const rows = Array.from({ length: 1250 }, (_, i) => `<li><a href="#${i}"><b>Row</b> <i>${i}</i></a></li>`).join('');
  const script = `<script async src="${server.url}/sdk.js" data-write-key="${key}"></script>`;
  site.pages['/'] = { html: `<!doctype html><title>Many</title>${script}<ul>${rows}</ul><button>Go</button>` };
  const browser = await launchBrowser();
  const times: ThreadTime[] = [];
  for (let round = 0; round < rounds; round++) {
    const page = await (await browser.newContext()).newPage();
    const client = await page.context().newCDPSession(page);
    const slices: Slice[] = [];
    client.on('Tracing.dataCollected', ({ value }) => slices.push(...(value as never[])));
    await client.send('Tracing.start', { categories: 'devtools.timeline,v8', transferMode: 'ReportEvents' });
    await page.goto(site.url);
    await page.waitForFunction('window.throughline && throughline.anonymousId');
    for (const at of [10, 600, 1200]) await page.click(`li:nth-child(${at}) a`);
    await page.evaluate('for (let i = 0; i < 100; i++) throughline.track("Busy", { i }); throughline.flush()');
    const ended = new Promise((resolve) => client.once('Tracing.tracingComplete', resolve));
    await client.send('Tracing.end');
    await ended;
    times.push(timeOf(slices));
    await page.context().close();
  }
  await browser.close();
  await site.close();
  return times.toSorted((a, b) => a.total - b.total)[Math.floor(rounds / 2)]!;
}

function timeOf(slices: readonly Slice[]): ThreadTime {
  let total = 0;
  let longest = 0;
  let end = 0;
  const ours = slices.filter(({ dur, args }) => {
    const { url, scriptName } = args?.data ?? {};
    return dur !== undefined && [url, scriptName].some((name) => name?.includes('/sdk.js'));
  });
  for (const { ts, dur = 0, tdur = dur } of ours.toSorted((a, b) => a.ts - b.ts)) {
    // What lies within another is counted there.
    if (ts < end) continue;
    end = ts + dur;
    total += tdur / 1000;
    longest = Math.max(longest, tdur / 1000);
  }
  return { total, longest };
}
