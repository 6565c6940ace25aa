import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { englishWords } from './english.ts';
import { EXAMPLES } from './example-specs.testing.ts';
import { chartFormat } from './format.ts';
import { changeOf, sparkPaths } from './number.ts';
import type { BarsSpec, NumberSpec } from './spec.ts';
import { chartCsv, isEmpty, tableOf } from './table.ts';

const words = englishWords();
const csvRows = (text: string) => parse(text, { bom: true, record_delimiter: '\r\n' }) as string[][];

describe('the table behind a chart', () => {
  it('has what the funnel lost, its shares, and its times', () => {
    const { columns, rows } = tableOf(EXAMPLES.funnel!, words);
    assert.deepEqual(
      columns.map((column) => column.name),
      ['Step', 'Reached', 'Dropped off', 'Of the step before', 'Of the first step', 'Median time from the step before'],
    );
    assert.deepEqual(
      rows[2]!.map((cell) => cell.value),
      ['Began the checkout', 2960, 2870, 2960 / 5830, 2960 / 12_400, 640_000],
    );
    assert.deepEqual(rows[2]![2]!.pick, {
      kind: 'funnel',
      series: 'all',
      index: 2,
      item: 'Began the checkout',
      part: 'dropped',
    });
  });

  it('names the period that is not over', () => {
    assert.equal(tableOf(EXAMPLES.line!, words).rows.at(-1)![0]!.value, '21 Jul (not over yet)');
  });

  it('is empty only where there is nothing to draw', () => {
    for (const of of Object.values(EXAMPLES)) assert.equal(isEmpty(of), false);
    assert.equal(isEmpty({ ...EXAMPLES.line, series: [{ id: 'a', name: 'A', values: [null] }] } as never), true);
  });
});

describe('its file', () => {
  it('has bare numbers, amounts in major units, and units in the names of columns', () => {
    const rows = csvRows(chartCsv(tableOf(EXAMPLES.bar!, words)));
    assert.deepEqual(rows[0], ['Period', 'Revenue [EUR]', 'Revenue (before) [EUR]']);
    assert.equal(rows[1]![1], '4200');
  });

  it('runs no name as a formula and keeps each row whole, whatever the names are', () => {
    const name = fc.oneof(fc.string(), fc.constantFrom('=1+1', '+A1', '@SUM(1)', ' -2', 'a\r\n=b', '"x",y'));
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 5 }), (names) => {
        const of: BarsSpec = {
          kind: 'bars',
          direction: 'across',
          categories: names.map((label, index) => ({ id: String(index), label })),
          series: [{ id: 's', name: names[0]!, values: names.map((_, index) => -index) }],
          unit: { kind: 'number' },
        };
        const rows = csvRows(chartCsv(tableOf(of, words)));
        assert.equal(rows.length, names.length + 1);
        for (const [label = '', value = ''] of rows.slice(1)) {
          assert.equal(/^\s*[=+\-@＝＋－＠]/.test(label), false, label);
          assert.match(value, /^-?\d+$/);
        }
      }),
    );
  });
});

describe('a value', () => {
  const write = chartFormat('en');
  it('is written in its unit', () => {
    assert.equal(write(1999, { kind: 'money', currency: 'EUR' }), '€19.99');
    assert.equal(write(1999, { kind: 'money', currency: 'JPY' }), '¥1,999');
    assert.equal(write(1999, { kind: 'money', currency: 'no such' }), '19.99 no such');
    assert.equal(write(0.1234, { kind: 'percent' }), '12.3%');
    assert.equal(write(3_900_000, { kind: 'duration' }), '1 hr 5 min');
    assert.equal(write(3_599_900, { kind: 'duration' }), '1 hr');
    assert.equal(write(0, { kind: 'duration' }), '0 ms');
    assert.equal(write(12_345, { kind: 'number' }, true), '12.3K');
    assert.equal(write(3, { kind: 'custom', name: 'points' }), '3 points');
    assert.equal(write(Number.NaN, { kind: 'number' }), '–');
  });
});

describe('the change of a number', () => {
  const of = (value: number | null, before: number | null, better?: 'more' | 'less'): NumberSpec => ({
    kind: 'number',
    name: 'N',
    value,
    unit: { kind: 'number' },
    before: { value: before, label: 'than before' },
    ...(better ? { better } : {}),
  });
  it('has a sign, a direction, and is good only where the spec says what is better', () => {
    assert.deepEqual(changeOf(of(90, 100, 'less'), words), {
      direction: 'down',
      good: true,
      text: '−10%',
      label: 'than before',
    });
    assert.deepEqual(changeOf(of(110, 100), words), {
      direction: 'up',
      good: null,
      text: '+10%',
      label: 'than before',
    });
    assert.equal(changeOf(of(7, 0, 'more'), words)!.text, '+7');
    assert.equal(changeOf(of(5, -10, 'more'), words)!.text, '+150%');
    assert.equal(changeOf(of(1, null), words), null);
    assert.equal(changeOf(of(null, 1), words), null);
  });

  it('has a small line with gaps, the last part dashed while it is not over', () => {
    const { line, dashed } = sparkPaths([1, null, 2, 3, 1], 100, 10, true);
    assert.equal(line.match(/M/g)?.length, 2);
    assert.match(dashed, /^M75\.0 0\.0L100\.0 /);
    assert.equal(sparkPaths([1, 2], 100, 10, false).dashed, '');
  });
});
