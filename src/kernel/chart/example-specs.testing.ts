import type { ChartSpec } from './spec.ts';

const DAYS = Array.from({ length: 21 }, (_, day) => ({
  at: `2026-07-${String(day + 1).padStart(2, '0')}`,
  label: `${day + 1} Jul`,
}));
const wave = (base: number, swing: number, shift: number) =>
  DAYS.map((_, day) => Math.round(base + swing * Math.sin((day + shift) / 2.3) + day * (base / 60)));

const NAMES = ['Direct', 'Search', 'Newsletter', 'Social', 'Referral', 'Ads', 'Partners', 'Video'];
const WEEKS = Array.from({ length: 8 }, (_, week) => `Week ${week}`);

/** One of every kind, each with what it can show: for tests and pictures. */
export const EXAMPLES: Record<string, ChartSpec> = {
  line: {
    kind: 'time',
    shape: 'line',
    points: DAYS,
    series: [
      { id: 'orders', name: 'Orders', values: wave(120, 24, 0).map((value, day) => (day === 8 ? null : value)) },
      { id: 'before', name: 'Orders', values: wave(100, 20, 2), comparesTo: 'orders' },
      { id: 'returns', name: 'Returns', values: wave(40, 9, 3) },
    ],
    unit: { kind: 'number' },
    partial: true,
    marks: [{ index: 13, text: 'New prices' }],
  },
  eight: {
    kind: 'time',
    shape: 'line',
    points: DAYS,
    series: NAMES.map((name, at) => ({ id: name, name, values: wave(60 + at * 34, 10, at) })),
    unit: { kind: 'money', currency: 'EUR' },
    partial: true,
  },
  area: {
    kind: 'time',
    shape: 'area',
    points: DAYS,
    series: NAMES.slice(0, 4).map((name, at) => ({ id: name, name, values: wave(50 + at * 18, 9, at) })),
    unit: { kind: 'number' },
    partial: true,
  },
  bar: {
    kind: 'time',
    shape: 'bar',
    points: DAYS.slice(0, 8),
    series: [
      { id: 'now', name: 'Revenue', values: wave(420_000, 90_000, 0).slice(0, 8) },
      { id: 'before', name: 'Revenue', values: wave(380_000, 70_000, 3).slice(0, 8), comparesTo: 'now' },
    ],
    unit: { kind: 'money', currency: 'EUR' },
    partial: true,
  },
  stacked: {
    kind: 'time',
    shape: 'stacked',
    points: DAYS.slice(0, 14),
    series: [
      ...NAMES.slice(0, 4).map((name, at) => ({ id: name, name, values: wave(50 + at * 18, 9, at).slice(0, 14) })),
      { id: 'rest', name: 'Other', values: wave(22, 4, 1).slice(0, 14), other: true },
    ],
    unit: { kind: 'number' },
    partial: true,
  },
  across: {
    kind: 'bars',
    direction: 'across',
    categories: NAMES.slice(0, 6).map((name) => ({ id: name, label: name })),
    series: [{ id: 'people', name: 'People', values: [4210, 3105, 1840, 990, 412, 96] }],
    unit: { kind: 'number' },
  },
  histogram: {
    kind: 'bars',
    direction: 'up',
    categories: ['0–1', '1–2', '2–3', '3–5', '5–8', '8–13', '13–21', '21+'].map((label) => ({ id: label, label })),
    series: [{ id: 'visits', name: 'Visits', values: [310, 520, 640, 480, 300, 140, 60, 22] }],
    unit: { kind: 'number' },
    histogram: true,
  },
  funnel: {
    kind: 'funnel',
    steps: ['Saw a product', 'Put it in the basket', 'Began the checkout', 'Ordered'].map((label) => ({
      id: label,
      label,
    })),
    series: [{ id: 'all', name: 'Everybody', values: [12_400, 5_830, 2_960, 1_874] }],
    unit: { kind: 'number' },
    times: [null, 95_000, 640_000, 182_000],
  },
  funnelGroups: {
    kind: 'funnel',
    steps: ['Saw a product', 'Put it in the basket', 'Ordered'].map((label) => ({ id: label, label })),
    series: [
      { id: 'web', name: 'Web', values: [8_400, 4_100, 1_420] },
      { id: 'app', name: 'App', values: [4_000, 1_730, 454] },
    ],
    unit: { kind: 'number' },
  },
  curves: {
    kind: 'retention',
    shape: 'curves',
    periods: WEEKS,
    rows: ['Web', 'App', 'Shop'].map((label, at) => ({
      id: label,
      label,
      size: 800 - at * 150,
      values: WEEKS.map((_, week) => (week === 0 ? 1 : (0.5 - at * 0.09) / week ** 0.55)),
      partial: true,
    })),
    unit: { kind: 'percent' },
    names: { row: 'Came by', size: 'People' },
  },
  triangle: {
    kind: 'retention',
    shape: 'table',
    periods: WEEKS,
    rows: Array.from({ length: 8 }, (_, at) => ({
      id: `c${at}`,
      label: `Week of ${at * 3 + 1} Jul`,
      size: 940 - at * 31,
      values: WEEKS.map((_, week) => (week > 7 - at ? null : week === 0 ? 1 : (0.52 - at * 0.021) / week ** 0.6)),
      partial: at > 0,
    })),
    unit: { kind: 'percent' },
    names: { row: 'First order', size: 'People' },
  },
  hours: {
    kind: 'grid',
    columns: Array.from({ length: 24 }, (_, hour) => String(hour)),
    rows: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'].map((label, day) => ({
      id: label,
      label,
      values: Array.from({ length: 24 }, (_, hour) =>
        Math.round((day > 4 ? 22 : 46) * Math.exp(-(((hour - 14 + day * 0.3) / 4.6) ** 2)) * (1 + (hour % 3) / 9)),
      ),
    })),
    unit: { kind: 'number' },
    names: { row: 'Day' },
  },
  flow: {
    kind: 'flow',
    nodes: [
      { id: '0/home', label: '/', column: 0 },
      { id: '0/sale', label: '/sale', column: 0 },
      { id: '0/other', label: '41 other pages', column: 0, role: 'other' },
      { id: '1/product', label: '/product/*', column: 1 },
      { id: '1/search', label: '/search', column: 1 },
      { id: '1/end', label: 'Left', column: 1, role: 'dropOff' },
      { id: '2/basket', label: '/basket', column: 2 },
      { id: '2/product', label: '/product/*', column: 2 },
      { id: '2/end', label: 'Left', column: 2, role: 'dropOff' },
      { id: '3/order', label: 'Ordered', column: 3 },
      { id: '3/end', label: 'Left', column: 3, role: 'dropOff' },
    ],
    links: [
      { from: '0/home', to: '1/product', value: 420 },
      { from: '0/home', to: '1/search', value: 260 },
      { from: '0/home', to: '1/end', value: 190 },
      { from: '0/sale', to: '1/product', value: 310 },
      { from: '0/sale', to: '1/end', value: 80 },
      { from: '0/other', to: '1/product', value: 120 },
      { from: '0/other', to: '1/search', value: 60 },
      { from: '1/product', to: '2/basket', value: 480 },
      { from: '1/product', to: '2/end', value: 370 },
      { from: '1/search', to: '2/product', value: 230 },
      { from: '1/search', to: '2/end', value: 90 },
      { from: '2/basket', to: '3/order', value: 310 },
      { from: '2/basket', to: '3/end', value: 170 },
      { from: '2/product', to: '3/end', value: 230 },
    ],
    unit: { kind: 'number' },
    names: { from: 'From', to: 'To', value: 'Sessions' },
  },
  map: {
    kind: 'map',
    countries: [
      ['GB', 'United Kingdom', 4820],
      ['DE', 'Germany', 940],
      ['FR', 'France', 810],
      ['IE', 'Ireland', 640],
      ['US', 'United States', 290],
      ['AU', 'Australia', 170],
      ['PL', 'Poland', 88],
      ['BR', 'Brazil', 31],
      ['SG', 'Singapore', 24],
      ['MT', 'Malta', 12],
      ['CA', 'Canada', 9],
    ].map(([code, label, value]) => ({ code: String(code), label: String(label), value: Number(value) })),
    unit: { kind: 'number' },
    names: { country: 'Country', value: 'Orders' },
  },
  number: {
    kind: 'number',
    name: 'Revenue',
    value: 12_345_678,
    unit: { kind: 'money', currency: 'EUR' },
    before: { value: 11_020_000, label: 'than in June' },
    better: 'more',
    spark: { labels: DAYS.map((day) => day.label), values: wave(90, 22, 1), partial: true },
  },
  estimate: {
    kind: 'number',
    name: 'Lift of conversion',
    value: -0.0421,
    unit: { kind: 'percent' },
    interval: { low: -0.081, high: -0.003, level: 0.95 },
  },
  estimates: {
    kind: 'estimates',
    items: [
      { id: 'slow', label: 'Slow product page', value: 1_840_000, low: 620_000, high: 3_050_000 },
      { id: 'rage', label: 'Clicks in rage at “Pay”', value: 960_000, low: 210_000, high: 1_700_000 },
      { id: 'error', label: 'Error at the checkout', value: 410_000, low: -180_000, high: 1_010_000 },
      { id: 'search', label: 'Search without a result', value: -120_000, low: -520_000, high: 260_000 },
    ],
    unit: { kind: 'money', currency: 'EUR' },
    level: 0.95,
    reference: 0,
    names: { item: 'Where', value: 'Revenue at stake' },
  },
  scatter: {
    kind: 'scatter',
    series: ['Web', 'App'].map((name, of) => ({
      id: name,
      name,
      points: Array.from({ length: 24 }, (_, at) => ({
        id: `${name}${at}`,
        label: `Page ${at + 1}`,
        x: 300 + ((at * 211 + of * 97) % 2600),
        y: 0.34 - ((at * 211 + of * 97) % 2600) / 10_000 + (((at * 37) % 11) - 5) / 150,
        ...(of === 0 && at % 6 === 0 ? { low: 0.1 + at / 200, high: 0.25 + at / 200 } : {}),
      })),
    })),
    x: { name: 'Time to load', unit: { kind: 'duration' } },
    y: { name: 'Conversion', unit: { kind: 'percent' } },
  },
  overlap: {
    kind: 'overlap',
    sets: [
      { id: 'buyers', label: 'Bought in 90 days', size: 1840 },
      { id: 'readers', label: 'Reads the newsletter', size: 1210 },
      { id: 'returned', label: 'Returned something', size: 520 },
      { id: 'vip', label: 'Spent over €500', size: 310 },
    ],
    intersections: [
      { among: ['buyers'], size: 910 },
      { among: ['readers'], size: 640 },
      { among: ['buyers', 'readers'], size: 420 },
      { among: ['buyers', 'returned'], size: 280 },
      { among: ['buyers', 'vip'], size: 130 },
      { among: ['returned'], size: 120 },
      { among: ['buyers', 'readers', 'vip'], size: 70 },
      { among: ['buyers', 'readers', 'returned', 'vip'], size: 30 },
    ],
    unit: { kind: 'number' },
    names: { sets: 'Audiences', size: 'People' },
  },
};

const HOSTILE = '<img src=x onerror=alert(1)>{a|b}"\'&\n\u202Eevil';

/** Every text of a spec, but not its kinds and ids, becomes hostile. */
export function hostile(of: ChartSpec): ChartSpec {
  const text = new Set(['label', 'name', 'text', 'row', 'size', 'from', 'to', 'value', 'item', 'country', 'sets']);
  const walk = (value: unknown, key: string, within: string): unknown => {
    if (Array.isArray(value)) {
      const plain = ['periods', 'columns', 'labels'].includes(key);
      return value.map((one) => (plain && typeof one === 'string' ? HOSTILE : walk(one, key, within)));
    }
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, walk(inner, name, key)]));
    }
    return typeof value === 'string' && text.has(key) && within !== 'links' ? HOSTILE : value;
  };
  return walk(of, '', '') as ChartSpec;
}
