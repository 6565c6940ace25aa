import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Context } from '../../../kernel/context.ts';
import { Refusal } from '../../../kernel/refusal.ts';
import { testContext } from '../../../kernel/testing.ts';
import { core } from '../../index.ts';
import { removeEvents, storeEvents, type TestEvent } from '../events.testing.ts';
import { FunnelReport } from '../funnels/schema.ts';
import { peopleBehind, runReport } from '../run.ts';
import { sameStatements } from '../snapshot.testing.ts';
import { chance, mergedApps, storeLocator } from './cases.testing.ts';
import { FrictionReport } from './schema.ts';
import { adjusted, lossOf, normal } from './statistics.ts';

const NOW = Date.parse('2026-07-01T12:00:00Z');
const steps = (...names: string[]) => names.map((name) => ({ what: { events: [{ name }] } }));

describe('the friction finder', () => {
  let context: Context & { close(): Promise<void> };
  before(async () => {
    context = await testContext({ apps: core });
    // As the stream writes the catalogue when it sees such events.
    const { rows } = await context.records.pool.query<{ id: number }>(
      "INSERT INTO catalogue_events (type, name, first_seen, last_seen) VALUES ('track', 'Web Vitals', now(), now()) RETURNING id",
    );
    await context.records.pool.query(
      "INSERT INTO catalogue_properties (event_id, path, first_seen, last_seen) SELECT $1, unnest(ARRAY['load', 'lcp']), now(), now()",
      [rows[0]!.id],
    );
  });
  after(() => context.close());

  async function store(events: readonly TestEvent[]): Promise<void> {
    await removeEvents(context);
    for (let at = 0; at < events.length; at += 10_000) await storeEvents(context, events.slice(at, at + 10_000));
  }

  const locator = FrictionReport.parse({
    kind: 'friction',
    period: { from: '2026-03-01', to: '2026-03-31' },
    zone: 'UTC',
    steps: steps('Store Locator Opened', 'Store Selected', 'Order Completed'),
    window: { count: 1, unit: 'day' },
    falseShare: 0.01,
  });

  it('finds that a store locator which loads slowly on phones loses orders, and nothing else', async () => {
    const { events, lost } = storeLocator(8000);
    await store(events);
    const { result } = await runReport(context, locator, { now: NOW });
    const [first, ...others] = result.findings;
    assert.ok(first);
    assert.deepEqual(
      others.map((one) => one.id),
      [],
      'phones, browsers and help are no findings of their own',
    );
    assert.equal(first.step, 0);
    assert.ok(first.about.of === 'measure' && first.about.measure === 'load');
    assert.ok(first.about.threshold < 6000 && first.about.threshold > 700);
    assert.ok(
      first.lostLow <= lost && lost <= first.lostHigh,
      `${lost} lost, found ${first.lostLow} to ${first.lostHigh}`,
    );
    assert.equal(first.byDevice[0]!.device, 'mobile');
    assert.ok(first.byDevice[0]!.lost > 0.8 * first.lost);
    // Seven of ten who choose a store order, for 20 pounds on average.
    const worth = lost * 0.7 * 2000;
    assert.ok(first.revenue!.lowMinor <= worth && worth <= first.revenue!.highMinor);
    assert.equal(first.curve!.length, 10);
    assert.ok(first.curve![9]!.rate < first.curve![0]!.rate);
    const people = await peopleBehind(
      context,
      locator,
      { finding: first.id, outcome: 'dropped' },
      { after: 0, limit: 10_000 },
      { now: NOW },
    );
    const slow = new Set(
      events.filter((one) => Number((one.properties as { load?: number })?.load) >= 6000).map((one) => one.person),
    );
    const chose = new Set(events.filter((one) => one.name === 'Store Selected').map((one) => one.person));
    const expected = [...slow].filter((person) => !chose.has(person));
    assert.ok(
      expected.every((person) => people.includes(person)),
      'all who left after a slow page are behind the finding',
    );
    assert.ok(first.examples.every((person) => people.includes(person)));
  });

  it('finds what the merging of two apps broke, while it was broken', async () => {
    const { events, lost } = mergedApps(9000);
    await store(events);
    const report = (from: string, to: string) =>
      FrictionReport.parse({
        ...locator,
        period: { from, to },
        steps: steps('App Opened', 'Checkout Started', 'Order Completed'),
      });
    const phases = {
      before: ['2026-03-02', '2026-03-29'],
      during: ['2026-03-30', '2026-04-26'],
      after: ['2026-04-27', '2026-05-31'],
    };
    const during = await runReport(context, report(phases.during[0]!, phases.during[1]!), { now: NOW });
    const [first] = during.result.findings;
    assert.deepEqual(first?.about, { of: 'event', name: 'Payment Method Missing' });
    assert.equal(first?.step, 1);
    assert.ok(
      first.lostLow <= lost && lost <= first.lostHigh,
      `${lost} lost, found ${first.lostLow} to ${first.lostHigh}`,
    );
    for (const phase of ['before', 'after'] as const) {
      const { result } = await runReport(context, report(phases[phase][0]!, phases[phase][1]!), { now: NOW });
      assert.deepEqual(result.findings, []);
    }
    const whole = await runReport(context, report('2026-03-02', '2026-05-31'), { now: NOW });
    assert.ok(
      whole.result.findings.some(
        ({ about }) => about.of === 'value' && about.field === 'version' && about.value === '6.0',
      ),
    );
    // The same as cohorts: those who came from the loyalty app, before, during and after.
    const cohorts = FunnelReport.parse({
      kind: 'funnel',
      period: { from: '2026-03-02', to: '2026-05-31' },
      zone: 'UTC',
      steps: steps('Checkout Started', 'Order Completed'),
      breakdown: ['came_from', 'phase'].map((name) => ({ of: 'property', name })),
    });
    const { result } = await runReport(context, cohorts, { now: NOW });
    const rate = (from: string, phase: string) => {
      const own = (one: TestEvent) =>
        (one.properties as { came_from: string; phase: string }).came_from === from &&
        (one.properties as { phase: string }).phase === phase;
      const count = (name: string) => events.filter((one) => one.name === name && own(one)).length;
      return count('Order Completed') / count('Checkout Started');
    };
    assert.equal(result.series.length, 6);
    assert.ok(rate('loyalty', 'during') < rate('loyalty', 'before') - 0.2);
    assert.ok(Math.abs(rate('order', 'during') - rate('order', 'before')) < 0.06);
    assert.ok(Math.abs(rate('loyalty', 'after') - rate('loyalty', 'before')) < 0.06);
  });

  it('names one cause once: measures of the same slowness, and events that come together, are one finding each', async () => {
    const random = chance(4);
    const events: TestEvent[] = [];
    for (let person = 1; person <= 4000; person++) {
      const at = Date.parse('2026-03-10T00:00:00Z') + person * 60_000;
      const phone = random() < 0.5;
      const common = { person, session: at, device: phone ? 'mobile' : 'desktop', os: phone ? 'Android' : 'Windows' };
      const slow = phone && random() < 0.4;
      const load = Math.round(slow ? 6000 + random() * 3000 : 700 + random() * 1300);
      const lcp = Math.round(load * (0.6 + 0.2 * random()));
      const dead = !slow && random() < 0.1;
      events.push({ ...common, at, name: 'Store Locator Opened' });
      events.push({ ...common, at: at + 1000, name: 'Web Vitals', properties: { load, lcp } });
      if (dead) events.push({ ...common, at: at + 2000, name: 'Rage Clicked' });
      if (dead && random() < 0.95) events.push({ ...common, at: at + 2100, name: 'Dead Clicked' });
      if (random() < (slow || dead ? 0.2 : 0.7)) events.push({ ...common, at: at + 9000, name: 'Store Selected' });
    }
    await store(events);
    const report = { ...locator, steps: locator.steps.slice(0, 2) };
    const { result } = await runReport(context, report, { now: NOW });
    const said = result.findings.map(({ about, also }) =>
      [about, ...also].map((one) => ('name' in one ? one.name : 'measure' in one ? one.measure : one.value)).sort(),
    );
    assert.deepEqual(said, [
      ['lcp', 'load'],
      ['Dead Clicked', 'Rage Clicked'],
    ]);
    for (const finding of result.findings) {
      const part = { finding: finding.id };
      const people = await peopleBehind(context, report, part, { after: 0, limit: 10_000 }, { now: NOW });
      assert.equal(people.length, finding.met, 'as many people stand behind a finding as it says');
    }
  });

  it('counts those who met a finding as it shows them, also where a slow page is left aside', async () => {
    const random = chance(5);
    const events: TestEvent[] = [];
    for (let person = 1; person <= 4000; person++) {
      const at = Date.parse('2026-03-10T00:00:00Z') + person * 60_000;
      const slow = random() < 0.3;
      const old = random() < 0.3;
      const common = { person, session: at, device: 'mobile', properties: { app_version: old ? '1.0' : '2.0' } };
      events.push({ ...common, at, name: 'Store Locator Opened' });
      const load = slow ? 8000 : 1000;
      events.push({ ...common, at: at + 1000, name: 'Web Vitals', properties: { load } });
      if (random() < (slow ? 0.3 : old ? 0.5 : 0.8)) events.push({ ...common, at: at + 9000, name: 'Store Selected' });
    }
    await store(events);
    const report = { ...locator, steps: locator.steps.slice(0, 2) };
    const { result } = await runReport(context, report, { now: NOW });
    const version = result.findings.find(({ about }) => about.of === 'value' && about.value === '1.0');
    assert.ok(version);
    const outcomes = await Promise.all(
      (['dropped', 'converted'] as const).map((outcome) =>
        peopleBehind(context, report, { finding: version.id, outcome }, { after: 0, limit: 10_000 }, { now: NOW }),
      ),
    );
    assert.equal(outcomes[0]!.length + outcomes[1]!.length, version.met);
    assert.equal(outcomes[1]!.length, Math.round(version.rate * version.met));
    assert.equal(
      version.byDevice.reduce((sum, one) => sum + one.met, 0),
      version.met,
    );
  });

  it('finds nothing where there is nothing, as often as it says', async () => {
    const random = chance(3);
    const events: TestEvent[] = [];
    for (let person = 1; person <= 3000; person++) {
      const at = Date.parse('2026-03-10T00:00:00Z') + person * 60_000;
      const common = {
        person,
        session: at,
        device: random() < 0.5 ? 'mobile' : 'desktop',
        browser: `Browser ${Math.floor(random() * 8)}`,
        country: `C${Math.floor(random() * 20)}`,
      };
      events.push({ ...common, at, name: 'Store Locator Opened' });
      events.push({ ...common, at: at + 1000, name: 'Web Vitals', properties: { load: Math.floor(random() * 9000) } });
      for (let other = 0; other < 40; other++)
        if (random() < 0.1) events.push({ ...common, at: at + 2000 + other, name: `Noise ${other}` });
      if (random() < 0.5) events.push({ ...common, at: at + 9000, name: 'Store Selected' });
    }
    await store(events);
    const { result } = await runReport(context, { ...locator, steps: locator.steps.slice(0, 2) }, { now: NOW });
    assert.ok(result.looked.events >= 40);
    assert.ok(result.findings.length <= 1, JSON.stringify(result.findings.map((one) => one.id)));
  });

  it('refuses findings that it did not make', async () => {
    await assert.rejects(
      peopleBehind(
        context,
        locator,
        { finding: '[0,"event","Nothing like it"]' },
        { after: 0, limit: 10 },
        { now: NOW },
      ),
      (error) => error instanceof Refusal && /no such finding/.test(error.message),
    );
  });

  it('sends statements that somebody has read', () =>
    sameStatements(context, new URL('./friction.sql', import.meta.url), { 'a store locator': locator }, NOW));
});

describe('the statistics of friction', () => {
  it('know the conversions that are missing in strata', () => {
    const loss = lossOf([
      { met: 100, metOn: 20, not: 1000, notOn: 500 },
      { met: 50, metOn: 40, not: 500, notOn: 400 },
      { met: 10, metOn: 0, not: 0, notOn: 0 },
    ]);
    assert.ok(Math.abs(loss!.lost - 30) < 1e-9);
    assert.equal(loss!.met, 150);
    assert.ok(Math.abs(loss!.expected - 0.6) < 1e-9);
    assert.equal(lossOf([{ met: 10, metOn: 1, not: 0, notOn: 0 }]), null);
  });

  it('are those of the normal distribution', () => {
    for (const [x, p] of [
      [0, 0.5],
      [1.959964, 0.975],
      [-1.644854, 0.05],
      [3.290527, 0.9995],
    ] as const)
      assert.ok(Math.abs(normal(x) - p) < 1e-6);
  });

  it('adjust for many comparisons as Benjamini and Hochberg do, whatever the order', () => {
    assert.deepEqual(
      adjusted([0.01, 0.04, 0.03, 0.5]).map((q) => Math.round(q * 1e6) / 1e6),
      [0.04, 0.053333, 0.053333, 0.5],
    );
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }), (ps) => {
        const q = adjusted(ps);
        const sorted = ps.toSorted((a, b) => a - b);
        ps.forEach((p, index) => {
          const expected = Math.min(
            1,
            ...sorted.map((other, place) => (other >= p ? (other * ps.length) / (place + 1) : 1)),
          );
          assert.ok(Math.abs(q[index]! - expected) < 1e-12);
        });
      }),
    );
  });
});
