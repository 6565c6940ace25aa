import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { launchBrowser } from '../test/browser.ts';
import type { RunningServer } from '../test/server.ts';

const OWNER = { company: 'Bench', name: 'Ada Nowak', email: 'ada@example.com', password: 'a long enough password' };
const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** A page of a shop: so many elements, so much style. */
const ELEMENTS = 1500;
const RULES = 600;
/** What changes and moves in a second. */
const CHANGES = 4;
const CHUNK_MS = 5 * SECOND;

export interface PlayerResult {
  /** From the click in the list to the picture of the page, for a recording of 20 minutes, in milliseconds. */
  firstFrame: number;
  /** From the click on the timeline to the picture of that moment, anywhere in an hour. */
  seek: { median: number; p95: number; most: number };
  events: number;
  megabytes: number;
}

let next = 10;
const element = (tagName: string, attributes: object, childNodes: object[]) => ({
  ...{ type: 2, id: next++, tagName, attributes, childNodes },
});
const text = (textContent: string) => ({ type: 3, id: next++, textContent });

const CLOCK = 7;

/** The page as a whole, with a clock that shows the second of the recording. */
function snapshot(second: number) {
  next = 10;
  const css = Array.from({ length: RULES }, (_, n) => `.c${n}{color:hsl(${n},40%,40%);padding:${n % 7}px}`).join('');
  const items = Array.from({ length: ELEMENTS / 3 }, (_, n) =>
    element('div', { class: `c${n % RULES}` }, [
      element('b', {}, [text(`Item ${n}`)]),
      element('i', {}, [text('€ 9.99')]),
    ]),
  );
  const clock = { type: 2, id: 6, tagName: 'p', attributes: { id: 'clock' } };
  return {
    ...{ type: 0, id: 1 },
    childNodes: [
      { type: 1, id: 2, name: 'html', publicId: '', systemId: '' },
      {
        ...{ type: 2, id: 3, tagName: 'html', attributes: {} },
        childNodes: [
          {
            ...{ type: 2, id: 4, tagName: 'head', attributes: {} },
            childNodes: [element('style', { _cssText: css }, [])],
          },
          {
            ...{ type: 2, id: 5, tagName: 'body', attributes: {} },
            childNodes: [{ ...clock, childNodes: [{ type: 3, id: CLOCK, textContent: `second ${second}` }] }, ...items],
          },
        ],
      },
    ],
  };
}

/** Every minutes-th minute a snapshot; each second a change of the clock and of others, and moves of the pointer. */
function* eventsOf(from: number, minutes: number, snapshotMinutes: number) {
  for (let second = 0; second < minutes * 60; second++) {
    const timestamp = from + second * SECOND;
    if (second % (snapshotMinutes * 60) === 0) {
      yield { type: 4, timestamp, data: { href: 'https://shop.example/', width: 1200, height: 800 } };
      yield { type: 2, timestamp: timestamp + 1, data: { node: snapshot(second), initialOffset: { top: 0, left: 0 } } };
    }
    const attributes = Array.from({ length: CHANGES }, (_, n) => ({
      ...{ id: 20 + (((second * 13 + n * 7) % (ELEMENTS - 40)) | 0) },
      attributes: { 'data-seen': String(second) },
    }));
    const texts = [{ id: CLOCK, value: `second ${second}` }];
    yield { type: 3, timestamp: timestamp + 5, data: { source: 0, texts, attributes, removes: [], adds: [] } };
    const positions = [0, -100, -200, -300].map((timeOffset, n) => ({
      x: 100 + n,
      y: second % 700,
      id: 6,
      timeOffset,
    }));
    yield { type: 3, timestamp: timestamp + 500, data: { source: 1, positions } };
  }
}

async function store(server: RunningServer, key: string, minutes: number, snapshotMinutes: number) {
  const id = randomUUID();
  const from = Date.now() - minutes * MINUTE;
  let chunk: object[] = [];
  let begun = from;
  let n = 0;
  let events = 0;
  let bytes = 0;
  const send = async () => {
    const body = gzipSync(
      JSON.stringify({
        ...{
          v: 1,
          anonymousId: id,
          sessionStart: from,
          start: begun,
          end: begun,
          sentAt: Date.now(),
          masked: 'inputs',
        },
        ...{
          page: { url: 'https://shop.example/', title: `${minutes} minutes`, viewport: [1200, 800] },
          events: chunk,
        },
      }),
    );
    bytes += body.byteLength;
    const answer = await fetch(`${server.url}/v1/recordings/${id}/chunks/${n++}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-encoding': 'gzip' },
      body,
    });
    if (!answer.ok) throw new Error(`chunk ${n}: ${answer.status} ${await answer.text()}`);
    chunk = [];
  };
  for (const event of eventsOf(from, minutes, snapshotMinutes)) {
    if (event.timestamp - begun >= CHUNK_MS) {
      await send();
      begun = event.timestamp;
    }
    chunk.push(event);
    events++;
  }
  await send();
  return { id, events, bytes };
}

/** Resolves, in the page, with when the frame shows a second in the given range and has been drawn. */
const shown = (least: number, most: number) => `new Promise((done) => {
  const look = () => {
    const frame = document.querySelector('.replayer-wrapper iframe');
    const words = frame?.contentDocument?.querySelector('#clock')?.textContent;
    const second = words ? Number(words.split(' ')[1]) : -1;
    if (second >= ${least} && second <= ${most} && frame.style.display !== 'none')
      requestAnimationFrame(() => setTimeout(() => done(performance.now())));
    else requestAnimationFrame(look);
  };
  look();
})`;

/** Clicks on something and waits for the picture: milliseconds between. */
async function timeClick(page: Page, click: string, least: number, most: number): Promise<number> {
  return page.evaluate<number>(
    `(async () => { const begun = performance.now(); ${click}; return (await ${shown(least, most)}) - begun; })()`,
  );
}

/** How long the player takes to the first picture, and to any moment of a long recording. */
export async function measurePlayer(
  server: RunningServer,
  options: { seeks: number; minutes: number },
): Promise<PlayerResult> {
  const browser = await launchBrowser();
  try {
    const answer = await fetch(`${server.url}/api/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: server.url },
      body: JSON.stringify(OWNER),
    });
    if (!answer.ok && answer.status !== 409) throw new Error(`The set-up answered ${answer.status}`);
    const { settings, version } = await server.api<{ settings: object; version: number }>(
      'GET',
      '/api/replay/settings',
    );
    await server.api('PUT', '/api/replay/settings', { settings: { ...settings, recording: true }, version });
    const key = await server.writeKey('bench');
    await store(server, key, 20, 5);
    const hour = await store(server, key, options.minutes, 5);
    const context = await browser.newContext({ viewport: { width: 1500, height: 950 } });
    await context.request.post(`${server.url}/api/auth/sign-in/email`, {
      data: { email: OWNER.email, password: OWNER.password },
      headers: { origin: server.url },
    });
    const page = await context.newPage();
    // The code of the player is there, as for whoever watches more than one.
    await page.goto(`${server.url}/replay/${hour.id}`);
    await page.evaluate(shown(0, 1));
    await page.goto(`${server.url}/replay`);
    const link =
      "[...document.querySelectorAll('a[data-row]')].find((a) => a.closest('tr').textContent.includes('20 minutes'))";
    await page.getByRole('row', { name: /20 minutes/ }).waitFor();
    await sleep(500);
    const firstFrame = await timeClick(page, `${link}.click()`, 0, 1);
    await page.goto(`${server.url}/replay/${hour.id}`);
    await page.evaluate(shown(0, 1));
    const seeks: number[] = [];
    for (let n = 0; n < options.seeks; n++) {
      // Places far from one another, each in another stretch than the last.
      const share = (n * 0.618034 + 0.11) % 0.97;
      const second = Math.floor(share * options.minutes * 60);
      const click = `const bar = document.querySelector('[role=slider]'); const box = bar.getBoundingClientRect();
        const place = { bubbles: true, pointerId: 1, isPrimary: true, clientX: box.left + box.width * ${share}, clientY: box.top + 20 };
        bar.setPointerCapture = () => {}; bar.dispatchEvent(new PointerEvent('pointerdown', place))`;
      const room = Math.ceil((options.minutes * 60) / 300);
      seeks.push(await timeClick(page, click, second - room, second + room));
      await sleep(150);
    }
    seeks.sort((a, b) => a - b);
    const place = (share: number) => seeks[Math.min(seeks.length - 1, Math.floor(seeks.length * share))]!;
    const seek = { median: place(0.5), p95: place(0.95), most: seeks.at(-1)! };
    return { firstFrame, seek, events: hour.events, megabytes: hour.bytes / 1e6 };
  } finally {
    await browser.close();
  }
}

if (import.meta.main) {
  const { startServer } = await import('../test/server.ts');
  const server = await startServer({ quiet: true });
  try {
    const { firstFrame, seek, events, megabytes } = await measurePlayer(server, { seeks: 30, minutes: 60 });
    const ms = (value: number) => `${Math.round(value)} ms`;
    console.log(`first frame of 20 minutes: ${ms(firstFrame)} (reach ≤ 1 s)`);
    console.log(
      `seek in an hour (${events} events, ${megabytes.toFixed(1)} MB packed): median ${ms(seek.median)}, p95 ${ms(seek.p95)}, most ${ms(seek.most)} (reach ≤ 500 ms)`,
    );
  } finally {
    await server.remove();
  }
}
