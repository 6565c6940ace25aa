import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../test/browser.ts';
import type { RunningServer } from '../test/server.ts';

const OWNER = { company: 'Bench', name: 'Ada Nowak', email: 'ada@example.com', password: 'a long enough password' };
/** How much slower than this machine's the browser's processor is made. */
const SLOWER = 4;
/** The page is at rest when nothing took over 50 ms for this long. */
const QUIET_MS = 1500;

export interface FirstPage {
  /** From the click to rows of customers on the screen, in milliseconds. */
  shown: number;
  /** From the click to when no task takes over 50 ms any more. */
  interactive: number;
  longestTask: number;
  kilobytes: number;
  requests: number;
}

/** Run in the page, before anything of its own: notes when the list is on the screen, and every long task. */
const WATCH = `
  window.watched = { shown: 0, tasks: [] };
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) watched.tasks.push([task.startTime, task.duration]);
  }).observe({ type: 'longtask', buffered: true });
  const look = () => {
    if (document.querySelector('main [data-row]')) {
      requestAnimationFrame(() => setTimeout(() => { watched.shown = performance.now(); }));
    } else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
`;

/** Resolves with what was noted, once the list is shown and the page has been at rest. */
const AT_REST = `new Promise((done) => {
  const look = () => {
    const last = Math.max(watched.shown, ...watched.tasks.map(([at, length]) => at + length));
    if (watched.shown > 0 && performance.now() - last > ${QUIET_MS}) done(watched);
    else setTimeout(look, 200);
  };
  look();
})`;

/** The owner's account and the sample company, so that there is something to show. */
async function fill(server: RunningServer): Promise<void> {
  const answer = await fetch(`${server.url}/api/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: server.url },
    body: JSON.stringify(OWNER),
  });
  if (!answer.ok) throw new Error(`The set-up answered ${answer.status}`);
  await server.api('POST', '/api/sample', {});
  for (;;) {
    const { items } = await server.api<{ items: { state: string }[] }>('GET', '/api/imports');
    if (items.length > 0 && items.every((one) => one.state === 'done')) return;
    await sleep(200);
  }
}

/** The list of people, opened by somebody who is signed in, in a browser that has nothing in its cache. */
async function openOnce(browser: Browser, server: RunningServer): Promise<FirstPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
  const { email, password } = OWNER;
  await context.request.post(`${server.url}/api/auth/sign-in/email`, {
    data: { email, password },
    headers: { origin: server.url },
  });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
  await devtools.send('Network.enable');
  let bytes = 0;
  let requests = 0;
  devtools.on('Network.loadingFinished', (event) => {
    bytes += event.encodedDataLength;
    requests += 1;
  });
  await page.addInitScript(WATCH);
  await page.goto(`${server.url}/people`, { waitUntil: 'commit' });
  const { shown, tasks } = await page.evaluate<{ shown: number; tasks: [number, number][] }>(AT_REST);
  await context.close();
  return {
    shown,
    interactive: Math.max(shown, ...tasks.map(([at, length]) => at + length)),
    longestTask: Math.max(0, ...tasks.map(([, length]) => length)),
    kilobytes: Math.round(bytes / 1000),
    requests,
  };
}

/** The middle one of several openings, by when it was interactive. */
export async function firstPage(server: RunningServer, times: number): Promise<FirstPage> {
  await fill(server);
  const browser = await launchBrowser();
  try {
    const found: FirstPage[] = [];
    // The first warms the server up and is not counted.
    for (let i = 0; i <= times; i += 1) {
      const one = await openOnce(browser, server);
      if (i > 0) found.push(one);
    }
    return found.sort((a, b) => a.interactive - b.interactive)[Math.floor(times / 2)]!;
  } finally {
    await browser.close();
  }
}
