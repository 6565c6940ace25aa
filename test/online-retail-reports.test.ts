import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { startRunner } from '../src/core/imports/runner.ts';
import { importsHttp } from '../src/core/imports/testing.ts';
import { core } from '../src/core/index.ts';
import { RetentionReport } from '../src/core/query/retention/schema.ts';
import { runReport } from '../src/core/query/run.ts';
import { TrendReport } from '../src/core/query/trends/schema.ts';
import { openStream } from '../src/core/stream/testing.ts';
import type { Context } from '../src/kernel/context.ts';
import { testContext } from '../src/kernel/testing.ts';

const FILE = fileURLToPath(new URL('../../shared/data/online_retail/online_retail.csv.gz', import.meta.url));
const MAPPING = new URL('../samples/online-retail.map.json', import.meta.url);
const skip = !existsSync(FILE) && 'the Online Retail file is not here';

interface Invoice {
  /** 2010-12; the file has London's time, and so has the report. */
  month: string;
  at: string;
  /** The customer's number, or for a guest the invoice's. */
  who: string;
  refund: boolean;
  /** Thousandths of a pound. */
  amount: bigint;
}

/** What customers bought and gave back, read from the file without any of the import's code. */
function invoicesOf(csv: string): Invoice[] {
  const lines = csv.split(/\r?\n/).slice(1).filter(Boolean);
  const byNumber = new Map<string, { at: string; customer: string; prices: bigint[]; amount: bigint }>();
  for (const line of lines) {
    const cells = [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((match) => match[1] ?? match[2] ?? '');
    const [number, , , quantity, at, price, customer] = cells as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const [whole, decimals = ''] = price.replace('-', '').split('.');
    const thousandths = BigInt(whole! + decimals.slice(0, 3).padEnd(3, '0')) * (price.startsWith('-') ? -1n : 1n);
    const invoice = byNumber.get(number) ?? { at, customer, prices: [], amount: 0n };
    invoice.prices.push(thousandths);
    invoice.amount += thousandths * BigInt(quantity.replace(/\.0+$/, ''));
    byNumber.set(number, invoice);
  }
  const invoices: Invoice[] = [];
  for (const [number, { at, customer, prices, amount }] of byNumber) {
    const refund = number.startsWith('C');
    const ofStock = customer === '' && !refund && prices.every((price) => price === 0n);
    if (number.startsWith('A') || ofStock) continue;
    const who = customer === '' ? `guest ${number}` : customer.split('.')[0]!;
    invoices.push({ month: at.slice(0, 7), at, who, refund, amount: refund ? -amount : amount });
  }
  return invoices;
}

/** Pennies, halves away from zero: refunds are what was given back, so both are counted up and then taken apart. */
const pennies = ({ amount, refund }: Invoice) => {
  const rounded = amount < 0n ? -((-amount + 5n) / 10n) : (amount + 5n) / 10n;
  return Number(refund ? -rounded : rounded);
};

describe('reports on Online Retail', { skip }, () => {
  let context: Context & { close(): Promise<void> };
  let invoices: Invoice[];
  const months: string[] = [];
  const period = { from: '2010-12-01', to: '2011-12-31' };
  const zone = 'Europe/London';

  before(async () => {
    const content = new Uint8Array(readFileSync(FILE));
    invoices = invoicesOf(gunzipSync(content).toString());
    for (let month = Temporal.PlainYearMonth.from('2010-12'); months.length < 13; month = month.add({ months: 1 }))
      months.push(month.toString());
    context = await testContext({ apps: core });
    const stop = await startRunner(context);
    const http = importsHttp(context);
    const { runner } = openStream(context);
    runner.start();
    const sent = await http.send('online_retail.csv.gz', content, readFileSync(MAPPING, 'utf8'));
    const ended = await http.ended(sent.id);
    assert.equal(ended.state, 'done');
    while ((await context.log.state()).some(({ lagEvents }) => lagEvents > 0)) {
      if (runner.trouble) throw new Error(runner.trouble);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await runner.stop();
    await stop();
  });
  after(() => context.close());

  it('show in which months first-time buyers buy again', async () => {
    const { result } = await runReport(
      context,
      RetentionReport.parse({
        kind: 'retention',
        zone,
        period,
        interval: 'month',
        count: 12,
        start: { events: [{ name: 'Order Completed' }] },
      }),
    );
    const orders = invoices.filter(({ refund }) => !refund);
    const first = new Map<string, string>();
    for (const { who, month } of orders) if (!first.has(who) || month < first.get(who)!) first.set(who, month);
    const active = new Set(orders.map(({ who, month }) => `${who} ${month}`));
    const expected = months.map((month) => {
      const joined = [...first].filter(([, began]) => began === month).map(([who]) => who);
      // Customers were last seen in December 2011, which is long over: every period of every cohort can be known.
      return Array.from({ length: 13 }, (_, later) => {
        const then = Temporal.PlainYearMonth.from(month).add({ months: later }).toString();
        return joined.filter((who) => active.has(`${who} ${then}`)).length;
      });
    });
    assert.deepEqual(
      result.cohorts.map(({ periods }) => periods.map(({ people }) => people)),
      expected,
    );
    assert.ok(expected[0]![0]! > 800 && expected[0]![1]! > 200, 'there are buyers, and they come back');
    assert.deepEqual(
      result.cohorts.map(({ label }) => label),
      months.map((month) => `${month}-01`),
    );
  });

  it('show what each month’s first-time buyers brought in, refunds taken away', async () => {
    const both = { events: [{ name: 'Order Completed' }, { name: 'Order Refunded' }] };
    const { result } = await runReport(
      context,
      RetentionReport.parse({
        kind: 'retention',
        zone,
        period,
        interval: 'month',
        count: 12,
        start: { events: [{ name: 'Order Completed' }] },
        return: both,
        value: { of: 'sum', field: { of: 'event', name: 'revenue' } },
      }),
    );
    const first = new Map<string, string>();
    for (const { who, at, refund } of invoices)
      if (!refund && (!first.has(who) || at < first.get(who)!)) first.set(who, at);
    const expected = months.map(() => Array<number>(13).fill(0));
    for (const invoice of invoices) {
      const joined = first.get(invoice.who);
      if (joined === undefined || invoice.at < joined) continue;
      const cohort = months.indexOf(joined.slice(0, 7));
      expected[cohort]![months.indexOf(invoice.month) - cohort]! += pennies(invoice);
    }
    assert.deepEqual(
      result.cohorts.map(({ periods }) => periods.map(({ values }) => values![0]!.value)),
      expected,
    );
    const share = expected[0]![1]! / expected[0]![0]!;
    assert.equal(result.cohorts[0]!.periods[1]!.values![0]!.share, share);
    assert.ok(share > 0.1);
  });

  it('show the revenue of each month', async () => {
    const { result } = await runReport(
      context,
      TrendReport.parse({
        kind: 'trend',
        zone,
        period,
        interval: 'month',
        series: [
          {
            what: { events: [{ name: 'Order Completed' }, { name: 'Order Refunded' }] },
            measure: { of: 'sum', field: { of: 'event', name: 'revenue' } },
          },
        ],
      }),
    );
    const expected = months.map(() => 0);
    for (const invoice of invoices) expected[months.indexOf(invoice.month)]! += pennies(invoice);
    assert.deepEqual(result.series[0]!.values, expected);
    assert.ok(expected[11]! > 1_000_000_00, 'more than a million pounds in November 2011');
  });
});
