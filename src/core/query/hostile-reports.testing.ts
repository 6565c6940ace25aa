import fc from 'fast-check';
import { EVENT_FIELDS, SESSION_FIELDS } from './field.ts';
import { OPERATORS } from './filter.ts';
import { hostileNumber, hostileText } from './hostile.testing.ts';

export const MARCH = { from: '2026-03-01', to: '2026-03-31' };
export const bought = { events: [{ name: 'Bought' }] };
export const trend = (more: object = {}) => ({ kind: 'trend', period: MARCH, series: [{ what: bought }], ...more });

const name = hostileText;
const field = fc.oneof(
  fc.record({ of: fc.constant('property'), name }),
  // Its values are the hostile texts themselves.
  fc.record({ of: fc.constant('property'), name: fc.constant('text') }),
  fc.record({ of: fc.constant('trait'), name, as: fc.constantFrom('now', 'then') }),
  fc.record({ of: fc.constant('account'), name }),
  fc.record({ of: fc.constant('event'), name: fc.constantFrom(...Object.keys(EVENT_FIELDS)) }),
  fc.record({ of: fc.constant('session'), name: fc.constantFrom(...Object.keys(SESSION_FIELDS)) }),
);
const BY_VALUE: [readonly (typeof OPERATORS)[number][], fc.Arbitrary<unknown>][] = [
  [['less', 'atMost', 'more', 'atLeast', 'between'], fc.constantFrom<unknown>(0, -1, 0.5, 1e15, 1e308, '7', ' 1e3 ')],
  [
    ['before', 'after'],
    fc.constantFrom('2026-03-12', '0000-01-01', '9999-12-31T23:59:59.999Z', '2026-03-12T10:00+14:00'),
  ],
  [['inLast'], fc.constantFrom<unknown>(1, '30', 0.0001, 36_600)],
  [['matches', 'matchesNot'], fc.constantFrom('(a+)+$', '.*', '^$', '(?i)ſ', '\\Q', '[^x]*(.*)*y', "'", '(a|a)*b')],
];
/** Mostly with values that the operator can have, so that the engine is asked. */
const condition = fc
  .oneof(
    ...BY_VALUE.map(([operators, values]) => ({
      weight: operators.length,
      arbitrary: fc.tuple(fc.constantFrom(...operators), fc.array(values, { minLength: 2, maxLength: 3 })),
    })),
    {
      weight: 15,
      arbitrary: fc.tuple(
        fc.constantFrom('is', 'isNot', 'contains', 'containsNot', 'startsWith', 'endsWith', 'isSet', 'isNotSet'),
        fc.array(hostileText, { minLength: 1, maxLength: 3 }),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(
        fc.constantFrom(...OPERATORS),
        fc.array(fc.oneof(hostileText, hostileNumber), { maxLength: 2 }),
      ),
    },
  )
  .chain(([is, values]) => field.map((field) => ({ field, is, values })));
const filter = fc.letrec<{ filter: object }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    condition,
    fc.record({ all: fc.array(tie('filter'), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('filter') }),
  ),
})).filter;
const match = fc.oneof(
  fc.constant<object>({ name: 'Bought' }),
  fc.record({ name }),
  fc.record({ name, where: filter }),
  fc.record({ type: fc.constantFrom('page', 'track'), where: filter }),
  fc.constant({}),
);
const what = fc.record(
  { events: fc.array(match, { minLength: 1, maxLength: 3 }), where: filter, label: hostileText },
  { requiredKeys: ['events'] },
);
const steps = fc.array(fc.record({ what }), { minLength: 2, maxLength: 4 });
const common = {
  period: fc.constantFrom<object>(
    MARCH,
    { last: 1, unit: 'hour' },
    { from: '0001-01-01', to: '0001-01-02' },
    { from: '9999-12-30', to: '9999-12-31' },
    { from: '2026-03-12', to: '2026-03-12' },
  ),
  zone: fc.oneof(
    { weight: 50, arbitrary: fc.constantFrom('UTC', 'Pacific/Apia', 'Asia/Kathmandu') },
    { weight: 1, arbitrary: hostileText },
  ),
  filter,
  sample: fc.constantFrom<unknown>(0.001, 0.5, 1),
};
const top = fc.integer({ min: 1, max: 100 });
const rules = {
  steps,
  order: fc.constantFrom('ordered', 'strict', 'any'),
  window: fc.record({ count: fc.constantFrom(1, 14, 10_000), unit: fc.constantFrom('second', 'day', 'year') }),
  hold: fc.array(field, { maxLength: 1 }),
  by: fc.constantFrom('person', 'account', 'session'),
};
const kind = <K extends string>(kind: K) => fc.constant(kind);
const optionally = (model: Record<string, fc.Arbitrary<unknown>>, ...requiredKeys: string[]) =>
  fc.record<Record<string, unknown>>(model, { requiredKeys: ['kind', ...requiredKeys] });

/** Each kind of report with hostile texts wherever a text stands, and otherwise as it should be. */
export const HOSTILE_REPORTS: Record<string, fc.Arbitrary<Record<string, unknown>>> = {
  trend: optionally(
    {
      ...{ kind: kind('trend'), ...common, top, interval: fc.constantFrom('hour', 'day', 'month') },
      series: fc.array(
        fc.record(
          {
            what,
            measure: fc.oneof(
              fc.record({ of: fc.constantFrom('events', 'people', 'accounts', 'sessions', 'perPerson') }),
              fc.record({ of: fc.constantFrom('sum', 'average', 'min', 'max', 'median', 'p99'), field }),
            ),
            label: hostileText,
          },
          { requiredKeys: ['what'] },
        ),
        { minLength: 1, maxLength: 3 },
      ),
      formulas: fc.array(
        fc.record(
          {
            expression: fc.oneof(
              { weight: 9, arbitrary: fc.constantFrom('A', 'A / A * 100', '-(A)') },
              { weight: 1, arbitrary: hostileText },
            ),
            label: hostileText,
          },
          { requiredKeys: ['expression'] },
        ),
        { maxLength: 2 },
      ),
      breakdown: fc.array(field, { maxLength: 3 }),
      compare: fc.constantFrom('previous', 'year'),
      rolling: fc.constantFrom(undefined, undefined, 2, 90),
      cumulative: fc.constantFrom(false, false, false, true),
      distribution: fc.constantFrom(false, false, false, true),
    },
    'series',
  ),
  funnel: optionally(
    {
      kind: kind('funnel'),
      ...common,
      ...rules,
      top,
      breakdown: fc.array(field, { maxLength: 3 }),
      interval: fc.constantFrom('day', 'month'),
    },
    'steps',
  ),
  correlation: optionally(
    {
      ...{ kind: kind('correlation'), ...common, ...rules, atLeast: fc.constant(1) },
      among: fc.oneof(
        fc.record({ of: fc.constantFrom('events', 'properties', 'touchpoints') }),
        fc.record({ of: fc.constant('fields'), fields: fc.array(field, { minLength: 1, maxLength: 3 }) }),
      ),
    },
    'steps',
  ),
  retention: optionally(
    {
      ...{ kind: kind('retention'), ...common, start: what, return: what, breakdown: field, top },
      cohorts: fc.constantFrom('first', 'recurring'),
      periods: fc.constantFrom('calendar', 'rolling'),
      value: fc.record({ of: fc.constantFrom('sum', 'average'), field }),
      brackets: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 }),
    },
    'start',
  ),
  journey: optionally({
    ...{ kind: kind('journey'), ...common, of: what, start: what, end: what },
    stations: fc.constantFrom('events', 'pages', 'eventsAndPages'),
    groups: fc.array(fc.record({ pattern: hostileText, label: hostileText }), { maxLength: 3 }),
    reached: fc.boolean(),
    fold: fc.boolean(),
    within: fc.constantFrom<unknown>('session', { idleMinutes: 30 }),
  }),
  lifecycle: optionally({ kind: kind('lifecycle'), ...common, what }, 'what'),
  stickiness: optionally({ kind: kind('stickiness'), ...common, what }, 'what'),
  engagement: optionally({ kind: kind('engagement'), ...common, what }, 'what'),
  sessions: optionally({ kind: kind('sessions'), ...common, breakdown: field, goal: what, top }),
  web: optionally({ kind: kind('web'), ...common, goal: what, top, compare: fc.constantFrom('previous', 'year') }),
  journeyMap: optionally(
    {
      ...{ kind: kind('journeyMap'), ...common },
      stages: fc.array(
        fc.record({
          name: hostileText,
          touchpoints: fc.array(fc.record({ name: hostileText, what }), { minLength: 1, maxLength: 2 }),
        }),
        { minLength: 1, maxLength: 2 },
      ),
      answers: fc.record({ what, score: field, question: field }),
      contacts: what,
    },
    'stages',
  ),
  heatmap: optionally(
    { kind: kind('heatmap'), ...common, page: hostileText, map: fc.constantFrom('clicks', 'moves', 'scroll') },
    'page',
  ),
  score: optionally(
    {
      ...{ kind: kind('score'), ...common, of: fc.constantFrom('nps', 'csat', 'ces', 'rating'), what, top },
      ...{ breakdown: field, interval: fc.constantFrom('day', 'month') },
    },
    'of',
  ),
  drivers: optionally(
    {
      ...{ kind: kind('drivers'), ...common, of: fc.constantFrom('nps', 'csat', 'ces', 'rating'), what },
      fields: fc.array(field, { maxLength: 3 }),
      waits: fc.array(fc.record({ from: what, to: what, label: hostileText }, { requiredKeys: ['from', 'to'] }), {
        maxLength: 2,
      }),
    },
    'of',
  ),
  forms: optionally({ kind: kind('forms'), ...common, page: hostileText, form: hostileText }),
  friction: optionally(
    { kind: kind('friction'), ...common, steps, by: fc.constantFrom('person', 'session'), atLeast: fc.constant(5) },
    'steps',
  ),
};

/** Where each kind's people are asked for, with hostile texts in the part. */
export const HOSTILE_PARTS: Record<string, [object, fc.Arbitrary<object>]> = {
  trend: [
    trend({ breakdown: [{ of: 'property', name: 'text' }] }),
    fc.record(
      {
        series: fc.oneof(fc.constant('A'), hostileText),
        breakdown: fc.array(hostileText, { maxLength: 2 }),
        currency: hostileText,
      },
      { requiredKeys: ['series'] },
    ),
  ],
  funnel: [
    {
      kind: 'funnel',
      period: MARCH,
      steps: [{ what: bought }, { what: bought }],
      breakdown: [{ of: 'property', name: 'text' }],
    },
    fc.record({
      step: fc.constant(0),
      outcome: fc.constant('converted'),
      breakdown: fc.array(hostileText, { maxLength: 2 }),
    }),
  ],
  retention: [
    { kind: 'retention', period: MARCH, start: bought, breakdown: { of: 'property', name: 'text' } },
    fc.record({ cohort: hostileText, period: fc.constant(0) }),
  ],
  journey: [
    { kind: 'journey', period: MARCH },
    fc.oneof(
      fc.record({ step: hostileNumber, node: hostileText }),
      fc.record({ step: fc.constant(1), from: hostileText, to: hostileText }),
    ),
  ],
  sessions: [
    { kind: 'sessions', period: MARCH, breakdown: { of: 'session', name: 'entry_path' } },
    fc.record({ value: hostileText }),
  ],
  friction: [
    { kind: 'friction', period: MARCH, steps: [{ what: bought }, { what: bought }] },
    fc.record({ finding: hostileText }),
  ],
  journeyMap: [
    { kind: 'journeyMap', period: MARCH, stages: [{ name: 'a', touchpoints: [{ name: 'a', what: bought }] }] },
    fc.record({ stage: hostileNumber, touchpoint: hostileNumber }),
  ],
  heatmap: [
    { kind: 'heatmap', period: MARCH, page: '*' },
    fc.oneof(
      fc.record({ element: hostileText }),
      fc.record({ left: hostileNumber, right: hostileNumber, top: hostileNumber, bottom: hostileNumber }),
      fc.record({ reached: hostileNumber }),
    ),
  ],
  score: [
    { kind: 'score', period: MARCH, of: 'nps', what: bought, breakdown: { of: 'property', name: 'text' } },
    fc.record(
      {
        bucket: fc.constantFrom('0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z'),
        ...{ value: fc.option(hostileText), from: hostileNumber, to: hostileNumber },
      },
      { requiredKeys: [] },
    ),
  ],
  drivers: [
    { kind: 'drivers', period: MARCH, of: 'nps', what: bought },
    fc.record({
      id: fc.oneof(
        hostileText,
        hostileText.map((text) => `did ${text}`),
      ),
      has: fc.boolean(),
    }),
  ],
  forms: [
    { kind: 'forms', period: MARCH },
    fc.record({ form: hostileText, field: hostileText }, { requiredKeys: ['form'] }),
  ],
  lifecycle: [
    { kind: 'lifecycle', period: MARCH, what: bought },
    fc.record({ bucket: hostileText, status: fc.constant('new') }),
  ],
  stickiness: [{ kind: 'stickiness', period: MARCH, what: bought }, fc.record({ intervals: hostileNumber })],
  engagement: [
    { kind: 'engagement', period: MARCH, what: bought },
    fc.record({ bucket: fc.constantFrom('0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z'), of: fc.constant('day') }),
  ],
};
