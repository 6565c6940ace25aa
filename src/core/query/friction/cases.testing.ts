import type { TestEvent } from '../events.testing.ts';

/** Numbers that look random and are the same each time (mulberry32). */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const START = Date.parse('2026-03-02T08:00:00Z');
const MINUTE = 60_000;

export interface Case {
  events: TestEvent[];
  /** Conversions that the friction costs on average, as the making of the data knows. */
  lost: number;
}

/**
 * A chain of shops: people open the store locator, choose a store and order there. On phones the map sometimes loads for
 * six to nine seconds, and then half of those who would have chosen a store leave. Nothing else matters: phones as such,
 * their browsers and systems convert like all others.
 */
export function storeLocator(people: number): Case {
  const random = chance(1);
  const events: TestEvent[] = [];
  let lost = 0;
  for (let person = 1; person <= people; person++) {
    const phone = random() < 0.55;
    const [device, os, browser] = phone
      ? (['mobile', random() < 0.5 ? 'iOS' : 'Android', random() < 0.5 ? 'Safari' : 'Chrome'] as const)
      : (['desktop', 'Windows', random() < 0.7 ? 'Chrome' : 'Firefox'] as const);
    const slow = random() < (phone ? 0.3 : 0.02);
    const at = START + Math.floor(random() * 20 * 24 * 60) * MINUTE;
    const common = { person, session: at, device, os, browser, channel: 'web', country: random() < 0.5 ? 'GB' : 'PL' };
    const load = Math.round(slow ? 6000 + random() * 3000 : 700 + random() * 1300);
    events.push({ ...common, at, name: 'Store Locator Opened', path: '/stores' });
    events.push({ ...common, at: at + 9000, name: 'Web Vitals', path: '/stores', properties: { load } });
    if (random() < 0.4) events.push({ ...common, at: at + 12_000, name: 'Help Opened' });
    const would = random() < 0.6;
    const leaves = slow && phone && random() < 0.5;
    if (slow && phone) lost += 0.6 * 0.5;
    if (!would || leaves) continue;
    events.push({ ...common, at: at + 20_000, name: 'Store Selected' });
    if (random() < 0.3) continue;
    const revenueMinor = 1500 + Math.floor(random() * 1000);
    events.push({ ...common, at: at + 4 * MINUTE, name: 'Order Completed', revenueMinor, currency: 'GBP' });
  }
  return { events, lost };
}

const WEEK = 7 * 24 * 60 * MINUTE;

/**
 * A company had two apps, one to order and one for loyal customers. In the fifth week both are replaced by one, version
 * 6.0, in which those who come from the loyalty app find their card gone: two of three see "Payment Method Missing" at
 * the checkout and hardly any of these order. In the ninth week 6.1 brings the cards along.
 */
export function mergedApps(people: number): Case {
  const random = chance(2);
  const events: TestEvent[] = [];
  let lost = 0;
  for (let person = 1; person <= people; person++) {
    const loyal = random() < 0.4;
    const week = Math.floor(random() * 12);
    const phase = week < 4 ? 'before' : week < 8 ? 'during' : 'after';
    const version = phase === 'before' ? (loyal ? 'loyalty 2.8' : 'order 5.3') : phase === 'during' ? '6.0' : '6.1';
    const at = START + week * WEEK + Math.floor(random() * 6 * 24 * 60) * MINUTE;
    const common = {
      person,
      session: at,
      device: 'mobile',
      os: random() < 0.5 ? 'iOS' : 'Android',
      channel: 'app',
      properties: { app_version: version, came_from: loyal ? 'loyalty' : 'order', phase },
    };
    events.push({ ...common, at, name: 'App Opened' });
    if (random() < 0.2) continue;
    events.push({ ...common, at: at + MINUTE, name: 'Checkout Started' });
    const missing = phase === 'during' && loyal && random() < 0.66;
    if (missing) events.push({ ...common, at: at + 2 * MINUTE, name: 'Payment Method Missing' });
    const would = random() < 0.7;
    const leaves = missing && random() < 0.9;
    if (missing) lost += 0.7 * 0.9;
    if (!would || leaves) continue;
    const revenueMinor = 900 + Math.floor(random() * 600);
    events.push({ ...common, at: at + 3 * MINUTE, name: 'Order Completed', revenueMinor, currency: 'EUR' });
  }
  return { events, lost };
}
