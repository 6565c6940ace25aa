import assert from 'node:assert/strict';
import { get } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { z } from 'zod';
import { defineApp } from './app.ts';
import { parseConfig } from './config.ts';
import type { Context } from './context.ts';
import { CSV_ROWS_LIMIT } from './csv.ts';
import { csvCell } from './csv-cell.ts';
import { buildHttp } from './http.ts';
import { pageOf, pageQuery } from './page.ts';
import { refuse } from './refusal.ts';
import { route } from './route.ts';
import { serveForTest } from './testing-http.ts';

const row = z.object({
  id: z.string(),
  name: z.string().nullable(),
  count: z.number(),
  place: z.object({ city: z.string(), at: z.object({ lat: z.number() }).nullable() }),
  tags: z.array(z.string()),
  event: z.unknown(),
});

let asked: (string | undefined)[] = [];
const numbers = (all: number) =>
  route({
    method: 'GET',
    path: `/api/rows-${all}`,
    summary: 'Rows',
    permission: 'anyone',
    query: pageQuery.extend({ q: z.string().max(10).optional(), breakAt: z.coerce.number().optional() }),
    reply: pageOf(row).extend({ total: z.number() }),
    run: async ({ query }) => {
      asked.push(query.cursor);
      const from = Number(query.cursor ?? 0);
      if (from >= (query.breakAt ?? Infinity)) throw new Error('The store went away.');
      if (query.q === 'no') throw refuse.invalid('Not like this.');
      const items = Array.from({ length: Math.min(query.limit, all - from) }, (_, index) => ({
        id: String(from + index),
        name: query.q ?? null,
        count: -5,
        place: { city: 'Łódź', at: index % 2 ? { lat: 51.7 } : null },
        tags: ['a', 'b'],
        event: query.q ? { formula: '=1+1' } : 'x'.repeat(1000),
      }));
      const next = from + items.length;
      return { items, total: all, nextCursor: next < all ? String(next) : null };
    },
  });

const app = defineApp({
  name: 'rows',
  routes: [
    numbers(450),
    numbers(CSV_ROWS_LIMIT + 300),
    route({
      method: 'GET',
      path: '/api/one',
      summary: 'Not a list',
      permission: 'anyone',
      reply: z.object({ ok: z.boolean() }),
      run: async () => ({ ok: true }),
    }),
  ],
});

let server: { url: string; close(): Promise<void> };
before(async () => {
  const context = { config: parseConfig({}), url: () => server.url } as unknown as Context;
  server = await serveForTest(buildHttp(context, [app], async () => null));
});
after(() => server.close());

describe('a list as CSV', () => {
  it('has every page, a header, nested values as columns and lists as JSON, and says what file it is', async () => {
    const answer = await fetch(`${server.url}/api/rows-450?format=csv&q=Ola&limit=3`);
    assert.equal(answer.headers.get('content-type'), 'text/csv; charset=utf-8; header=present');
    assert.match(
      answer.headers.get('content-disposition') ?? '',
      /^attachment; filename="rows-450-\d{4}-\d\d-\d\d\.csv"$/,
    );
    const bytes = Buffer.from(await answer.arrayBuffer());
    assert.deepEqual([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf], 'begins with a byte order mark');
    const [header, ...rows] = parse(bytes, { bom: true }) as string[][];
    assert.deepEqual(header, ['id', 'name', 'count', 'place.city', 'place.at.lat', 'tags', 'event']);
    assert.equal(rows.length, 450);
    assert.deepEqual(rows[0], ['0', 'Ola', '-5', 'Łódź', '', '["a","b"]', '{"formula":"=1+1"}']);
    assert.equal(rows[449]?.[0], '449');
    assert.equal(rows[1]?.[4], '51.7');
  });

  it('ends after its limit with a line that says so', async () => {
    const answer = await fetch(`${server.url}/api/rows-${CSV_ROWS_LIMIT + 300}?format=csv`);
    const rows = parse(await answer.text(), { bom: true, relax_column_count: true }) as string[][];
    assert.equal(rows.length, 1 + CSV_ROWS_LIMIT + 1);
    assert.equal(rows.at(-2)?.[0], String(CSV_ROWS_LIMIT - 1));
    assert.match(rows.at(-1)?.[0] ?? '', /There is more/);
  });

  it('refuses as the list does, in JSON', async () => {
    for (const query of ['q=no', 'q=far%20too%20long%20for%20this']) {
      const answer = await fetch(`${server.url}/api/rows-450?format=csv&${query}`);
      assert.equal(answer.status, 400);
      assert.equal(((await answer.json()) as { error: { code: string } }).error.code, 'invalid');
    }
  });

  it('breaks off where the store fails, so that half a file is not taken for a whole one', async () => {
    const answer = await fetch(`${server.url}/api/rows-450?format=csv&breakAt=200`);
    assert.equal(answer.status, 200);
    await assert.rejects(answer.text());
  });

  it('reads no further than the reader does, and stops when the reader goes', async () => {
    asked = [];
    const gone = new Promise<void>((done) => {
      const request = get(`${server.url}/api/rows-${CSV_ROWS_LIMIT + 300}?format=csv`, (answer) => {
        answer.once('data', () => {
          answer.pause();
          setTimeout(() => {
            request.destroy();
            done();
          }, 300);
        });
      });
      request.on('error', () => undefined);
    });
    await gone;
    // The server hears of it after a moment.
    for (let pages = -1; pages !== asked.length; await sleep(300)) pages = asked.length;
    assert.ok(asked.length < CSV_ROWS_LIMIT / 200 / 2, `${asked.length} pages for a reader who stopped`);
  });

  it('leaves endpoints that are no lists as they are', async () => {
    const answer = await fetch(`${server.url}/api/one?format=csv`);
    assert.deepEqual(await answer.json(), { ok: true });
  });
});

const FORMULA = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/;

describe('a cell', () => {
  it('is never a formula, whatever is in it and whatever a spreadsheet takes for a separator', () => {
    const text = fc
      .array(
        fc.constantFrom('=', '+', '-', '@', '\t', '\r', '\n', ' ', ';', ',', '"', "'", '|', 'a', '1', '＝', '\u00a0'),
        {
          maxLength: 12,
        },
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (values) => {
        const line = `${values.map(csvCell).join(',')}\r\n`;
        const [cells] = parse(line, { record_delimiter: '\r\n' }) as string[][];
        assert.equal(cells?.length ?? 1, values.length);
        for (const cell of cells ?? []) assert.doesNotMatch(cell, FORMULA);
        for (const delimiter of [';', '\t', /\r?\n|\r/]) {
          for (const part of values
            .map((value) => csvCell(value).replace(/^"|"$/g, ''))
            .flatMap((one) => one.split(delimiter))) {
            assert.doesNotMatch(part, /^\s*[=+@\-＝]/, JSON.stringify(values));
          }
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('gives back every other text as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        fc.pre(!/[=+\-@＝＋－＠\t\r\n]/.test(value) && value !== '');
        const [cells] = parse(csvCell(value), { record_delimiter: '\r\n' }) as string[][];
        assert.deepEqual(cells, [value]);
      }),
    );
  });

  it('keeps numbers numbers, also below zero', () => {
    assert.deepEqual([-5, 1.25, true, null, undefined].map(csvCell), ['-5', '1.25', 'true', '', '']);
  });
});
