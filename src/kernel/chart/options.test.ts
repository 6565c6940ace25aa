import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tipHtml } from './base.ts';
import { LIGHT, stillTheme } from './colours.ts';
import { englishWords } from './english.ts';
import { EXAMPLES, hostile } from './example-specs.testing.ts';
import { heightOf } from './height.ts';
import { nearestSelection } from './nearest.ts';
import { chartOptions, selectionOf } from './options.ts';
import { chartPicture } from './picture.ts';
import type { ChartSpec, FlowSpec, TimeSpec } from './spec.ts';
import { tableOf } from './table.ts';

const words = englishWords();
const drawing = (of: ChartSpec) => ({ theme: stillTheme(LIGHT), words, width: 640, height: heightOf(of) });
const picture = (of: ChartSpec) => chartPicture(of, drawing(of));

type Made = {
  id: string;
  data: unknown[];
  lineStyle?: { type?: unknown };
  itemStyle?: { color?: string; opacity?: number };
};
type Tip = { formatter: (params: unknown) => string };
const seriesOf = (of: ChartSpec, hidden?: Set<string>) =>
  chartOptions(of, { ...drawing(of), ...(hidden ? { hidden } : {}) }).series as Made[];
const tipOf = (of: ChartSpec) => (chartOptions(of, drawing(of)).tooltip as Tip).formatter;

const line = (values: (number | null)[], more: Partial<TimeSpec> = {}): TimeSpec => ({
  kind: 'time',
  shape: 'line',
  points: values.map((_, index) => ({ at: `t${index}`, label: `T${index}` })),
  series: [{ id: 'a', name: 'A', values }],
  unit: { kind: 'number' },
  ...more,
});

describe('a chart of each kind', () => {
  for (const [name, of] of Object.entries(EXAMPLES)) {
    it(`is drawn without a browser: ${name}`, async () => {
      const svg = await picture(of);
      assert.match(svg, /^<svg [^>]*width="640"/);
      assert.ok((svg.match(/<path|<text/g) ?? []).length > 2, svg);
      assert.equal(svg.includes('NaN'), false);
    });

    it(`never reads a name as markup or as a template: ${name}`, async () => {
      const of = hostile(EXAMPLES[name]!);
      const svg = await picture(of);
      assert.equal(/<img/i.test(svg), false);
      assert.equal(svg.includes('\u202E'), false);
      const tip = chartOptions(of, drawing(of)).tooltip as Tip | undefined;
      if (!tip) return;
      const first = of.kind === 'flow' ? of.nodes[0]!.id : of.kind === 'map' ? of.countries[0]!.code : '';
      const asked = [
        { dataIndex: 0, seriesId: seriesOf(of)[0]?.id, name: first, data: { name: first } },
        { dataIndex: 0, seriesId: 'sets', name: first, data: { name: first } },
        ...(of.kind === 'flow'
          ? [{ dataIndex: 0, dataType: 'edge', data: { source: of.links[0]!.from, target: of.links[0]!.to, value: 1 } }]
          : []),
      ];
      const shown = asked.map((params) => tip.formatter(params)).join('');
      assert.equal(/<img/i.test(shown), false, shown);
      assert.ok(shown.includes('&lt;img') || shown === '', shown);
    });

    it(`has a table of the same width in each row: ${name}`, () => {
      const { columns, rows } = tableOf(of, words);
      assert.ok(rows.length > 0);
      for (const row of rows) assert.equal(row.length, columns.length);
    });
  }

  it('is drawn also when it is empty, and when nothing in it is known', async () => {
    const empty: ChartSpec[] = [
      line([]),
      line([null, null]),
      { ...line([]), shape: 'stacked', partial: true },
      { kind: 'bars', direction: 'across', categories: [], series: [], unit: { kind: 'number' } },
      { kind: 'funnel', steps: [], series: [], unit: { kind: 'number' } },
      { ...EXAMPLES.curves, rows: [] } as ChartSpec,
      { ...EXAMPLES.triangle, rows: [] } as ChartSpec,
      { ...EXAMPLES.hours, rows: [] } as ChartSpec,
      { ...EXAMPLES.flow, nodes: [], links: [] } as ChartSpec,
      { ...EXAMPLES.map, countries: [] } as ChartSpec,
      { ...EXAMPLES.number, value: null } as ChartSpec,
      { ...EXAMPLES.estimates, items: [] } as ChartSpec,
      { ...EXAMPLES.scatter, series: [] } as ChartSpec,
      { ...EXAMPLES.overlap, sets: [], intersections: [] } as ChartSpec,
    ];
    for (const of of empty) assert.match(await picture(of), /^<svg/, of.kind);
  });
});

describe('lines and bars over time', () => {
  it('leave a gap where nothing is known, which is not zero', () => {
    assert.deepEqual(seriesOf(line([3, null, 5]))[0]!.data, [3, null, 5]);
    assert.equal(tipOf(line([3, null, 5]))([{ dataIndex: 1 }]).includes('chart-tip-row'), false);
    assert.equal(tipOf(line([3, 0, 5]))([{ dataIndex: 1 }]).includes('<b>0</b>'), true);
  });

  it('draw the last period dashed while it is not over, and say so', () => {
    const of = line([3, 4, 1], { partial: true });
    const [whole, partial] = seriesOf(of);
    assert.deepEqual(whole!.data, [3, 4, null]);
    assert.deepEqual(partial!.data, [null, 4, 1]);
    assert.notEqual(partial!.lineStyle!.type, 'solid');
    assert.match(tipOf(of)([{ dataIndex: 2 }]), /not over yet/);
    const bars = seriesOf(line([3, 4, 1], { shape: 'bar', partial: true }))[0]!;
    assert.deepEqual(bars.data.slice(0, 2), [3, 4]);
    assert.ok((bars.data[2] as { itemStyle: { decal: object } }).itemStyle.decal);
  });

  it('draw a comparison in the colour of what it is compared with, dashed and fainter, under its own name', () => {
    const series = [
      { id: 'x', name: 'X', values: [1, 2] },
      { id: 'a', name: 'A', values: [1, 2] },
      { id: 'a0', name: 'A', values: [2, 1], comparesTo: 'a' },
    ];
    const of = line([1, 2], { series });
    const [, now, before] = seriesOf(of);
    assert.equal(before!.itemStyle!.color, now!.itemStyle!.color);
    assert.ok(before!.itemStyle!.opacity! < now!.itemStyle!.opacity!);
    assert.notEqual(before!.lineStyle!.type, 'solid');
    assert.deepEqual(
      tableOf(of, words).columns.map((column) => column.name),
      ['Period', 'X', 'A', 'A (before)'],
    );
  });

  it('keep the colour of a series while others are put aside', () => {
    const all = EXAMPLES.eight!;
    const colours = (of: Made[]) => new Map(of.map((one) => [one.id, one.itemStyle!.color]));
    const [before, after] = [colours(seriesOf(all)), colours(seriesOf(all, new Set(['Direct', 'Social'])))];
    assert.equal(after.has('Direct'), false);
    for (const [id, colour] of after) assert.equal(colour, before.get(id));
  });

  it('draw the ninth series in the first colour but with another stroke', () => {
    const series = Array.from({ length: 9 }, (_, at) => ({ id: `s${at}`, name: `S${at}`, values: [at, at] }));
    const made = seriesOf(line([1, 2], { series }));
    assert.equal(made[8]!.itemStyle!.color, made[0]!.itemStyle!.color);
    assert.notDeepEqual(made[8]!.lineStyle!.type, made[0]!.lineStyle!.type);
  });

  it('are drawn with ten thousand points, keeping highest and lowest', async () => {
    const values = Array.from({ length: 10_000 }, (_, at) => Math.sin(at / 90) * 100);
    values[4_321] = 5_000;
    const svg = await picture(line(values));
    assert.ok(svg.length < 1_000_000, `${svg.length}`);
    assert.match(svg, /5K/);
  });

  it('lead from a click to the nearest series, and in a stack to the layer', () => {
    const series = [
      { id: 'a', name: 'A', values: [10, 20] },
      { id: 'b', name: 'B', values: [30, null] },
    ];
    const none = new Set<string>();
    const lines = line([1, 2], { series });
    assert.deepEqual(nearestSelection(lines, 0, 27, none), { kind: 'time', series: 'b', index: 0, item: 't0' });
    assert.equal(nearestSelection(lines, 1, 27, none)?.series, 'a');
    assert.equal(nearestSelection(lines, 0, 27, new Set(['b']))?.series, 'a');
    assert.equal(nearestSelection(lines, 9, 27, none), null);
    assert.equal(nearestSelection({ ...lines, shape: 'stacked' }, 0, 9, none)?.series, 'a');
    assert.equal(nearestSelection({ ...lines, shape: 'stacked' }, 0, 12, none)?.series, 'b');
  });
});

describe('a funnel', () => {
  it('draws those whom each step lost on top of those who reached it', () => {
    const [reached, dropped] = seriesOf(EXAMPLES.funnel!);
    assert.deepEqual(reached!.data, [12_400, 5_830, 2_960, 1_874]);
    assert.deepEqual(dropped!.data, [null, 6_570, 2_870, 1_086]);
  });

  it('tells who came from who dropped off', () => {
    const at = (seriesId: string) => selectionOf(EXAMPLES.funnel!, { dataIndex: 2, seriesId, name: '', data: null });
    assert.deepEqual(at('all'), {
      kind: 'funnel',
      series: 'all',
      index: 2,
      item: 'Began the checkout',
      part: 'reached',
    });
    assert.equal(at('all\u0000dropped')?.part, 'dropped');
  });
});

describe('a flow', () => {
  it('leaves out of the picture what would make it a circle, and keeps it in the table', async () => {
    const flow = EXAMPLES.flow as FlowSpec;
    const of = {
      ...flow,
      links: [...flow.links, { from: '3/order', to: '0/home', value: 4 }, { from: 'x', to: 'y', value: 1 }],
    };
    const made = seriesOf(of)[0] as unknown as { links: unknown[] };
    assert.equal(made.links.length, flow.links.length);
    assert.equal(tableOf(of, words).rows.length, flow.links.length + 2);
    assert.match(await picture(of), /^<svg/);
  });

  it('leads to the link or to the node that was clicked', () => {
    const flow = EXAMPLES.flow!;
    const edge = {
      dataIndex: 0,
      seriesId: 'flow',
      dataType: 'edge',
      name: '',
      data: { source: 'a', target: 'b' },
    } as const;
    assert.deepEqual(selectionOf(flow, edge), { kind: 'flow', link: { from: 'a', to: 'b' } });
    const node = { dataIndex: 0, seriesId: 'flow', dataType: 'node', name: '1/search', data: {} } as const;
    assert.deepEqual(selectionOf(flow, node), { kind: 'flow', item: '1/search' });
  });
});

describe('a map', () => {
  it('knows every country that has one of the two letters: by its outline or as a dot', async () => {
    const { worldOutlines } = await import('./world.ts');
    const { SMALL_PLACES } = await import('./small-places.ts');
    const known = new Set([...worldOutlines().features.map((one) => one.properties?.name), ...SMALL_PLACES.keys()]);
    for (const code of [
      'GB',
      'DE',
      'FR',
      'NO',
      'US',
      'CN',
      'TW',
      'XK',
      'SG',
      'MT',
      'HK',
      'LU',
      'VA',
      'FJ',
      'RU',
      'ZA',
      'EH',
    ]) {
      assert.ok(known.has(code), code);
    }
    assert.ok(known.size > 235, `${known.size}`);
    assert.equal(
      [...SMALL_PLACES.values()].every(([x, y]) => Math.abs(x) <= 180 && Math.abs(y) <= 90),
      true,
    );
  });

  it('draws no outline across the whole world', async () => {
    const { worldOutlines } = await import('./world.ts');
    for (const { geometry, properties } of worldOutlines().features) {
      const rings = geometry.type === 'MultiPolygon' ? geometry.coordinates.flat() : [];
      for (const ring of rings) {
        ring.forEach(([x = 0], at) => {
          assert.ok(Math.abs(x - (ring[at - 1]?.[0] ?? x)) < 180, properties?.name);
        });
      }
    }
  });

  it('answers a click on a country that has a value, and on no other', () => {
    const at = (name: string) => selectionOf(EXAMPLES.map!, { dataIndex: 0, seriesId: '', name, data: null });
    assert.deepEqual(at('FR'), { kind: 'map', item: 'FR' });
    assert.equal(at('CN'), null);
  });
});

describe('what stands beside the pointer', () => {
  it('is one line a name, however long and whatever is in it', () => {
    const shown = tipHtml('a\nb', [{ name: 'x'.repeat(500), value: '<1', colour: '"><script>' }]);
    assert.equal(shown.includes('<script'), false);
    assert.ok(shown.length < 400);
    assert.match(shown, /a b/);
  });
});
