import { isKind, type Kind, type Report, START } from './report.ts';

/** An address longer than this is cut off by some programs that it is sent through. */
export const LINK_LIMIT = 8000;

type Plain = null | boolean | number | string | Plain[] | { [name: string]: Plain };

/** What need not be quoted: letters and digits of any script, and marks that an address keeps as they are. */
const BARE = /^[\p{L}_/][\p{L}\p{N}_./-]*$/u;
const WORDS = new Set(['true', 'false', 'null']);

/**
 * A value as text that can be read in an address: `(kind:trend,series:!((what:(events:!((name:'Order Completed'))))))`.
 * Objects stand in brackets, lists in brackets after a mark, texts in quotes where they need them.
 */
export function toText(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : 'null';
  if (typeof value === 'string') {
    if (BARE.test(value) && !WORDS.has(value)) return value;
    return `'${value.replace(/[!']/g, (mark) => `!${mark}`)}'`;
  }
  if (Array.isArray(value)) return `!(${value.map(toText).join(',')})`;
  const entries = Object.entries(value as object).filter(([, inner]) => inner !== undefined);
  return `(${entries.map(([name, inner]) => `${toText(name)}:${toText(inner)}`).join(',')})`;
}

/** Groups that lie deeper are no report's. */
const DEPTH_LIMIT = 40;

/** Reads it back, and JSON too; undefined for what is neither. */
export function fromText(text: string): unknown {
  try {
    return text.startsWith('{') ? JSON.parse(text) : new Reader(text).whole();
  } catch {
    return undefined;
  }
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): Plain {
    const value = this.#value(0);
    if (this.#at < this.#text.length) throw new SyntaxError('more than one value');
    return value;
  }

  #value(depth: number): Plain {
    if (depth > DEPTH_LIMIT) throw new SyntaxError('too deep');
    if (this.#take('!(')) return this.#list(() => this.#value(depth + 1));
    if (this.#take('(')) {
      const entries = this.#list((): [string, Plain] => {
        const name = this.#word();
        if (!this.#take(':')) throw new SyntaxError('a name without a value');
        return [name, this.#value(depth + 1)];
      });
      return Object.fromEntries(entries);
    }
    if (this.#text[this.#at] === "'") return this.#word();
    const bare = this.#word();
    if (bare === 'true' || bare === 'false') return bare === 'true';
    if (bare === 'null') return null;
    return /^-?\d/.test(bare) ? this.#number(bare) : bare;
  }

  #number(text: string): number {
    const number = Number(text);
    if (!Number.isFinite(number)) throw new SyntaxError('not a number');
    return number;
  }

  #list<T>(one: () => T): T[] {
    const found: T[] = [];
    if (this.#take(')')) return found;
    do found.push(one());
    while (this.#take(','));
    if (!this.#take(')')) throw new SyntaxError('not closed');
    return found;
  }

  #word(): string {
    if (!this.#take("'")) {
      const bare = /[^(),:!']*/uy;
      bare.lastIndex = this.#at;
      const word = bare.exec(this.#text)?.[0] ?? '';
      if (word === '') throw new SyntaxError('nothing there');
      this.#at += word.length;
      return word;
    }
    let word = '';
    for (;;) {
      const mark = this.#text[this.#at++];
      if (mark === undefined) throw new SyntaxError('not closed');
      if (mark === "'") return word;
      word += mark === '!' ? (this.#text[this.#at++] ?? '') : mark;
    }
  }

  #take(mark: string): boolean {
    if (!this.#text.startsWith(mark, this.#at)) return false;
    this.#at += mark.length;
    return true;
  }
}

/** What of a value is other than usual; nothing else need stand in an address. Its kind is told by the path. */
export function unusual(value: object, usual: object): object {
  const start = usual as Record<string, unknown>;
  const said = Object.entries(value).filter(
    ([name, inner]) => name !== 'kind' && toText(inner ?? null) !== toText(start[name] ?? null),
  );
  return Object.fromEntries(said);
}

/** The same as text for an address; null where all is as usual, so that the address says nothing. */
export function unusualText(value: object, usual: object): string | null {
  const said = unusual(value, usual);
  return Object.keys(said).length > 0 ? toText(said) : null;
}

/** What of a report its address says: all but what its kind begins with. */
export const toLink = (report: Report): string => toText(unusual(report, START[report.kind]()));

/**
 * The report of an address; what it begins with where the address says nothing of it. Null for what is no report of the
 * kind: an address may come from anywhere, and the editor counts on the shape.
 */
export function fromLink(kind: Kind, text: string): Report | null {
  const start = START[kind]();
  if (text === '') return start;
  const said = fromText(text);
  if (typeof said !== 'object' || said === null || Array.isArray(said)) return null;
  const report = { ...start, ...said, kind } as Report;
  return isShaped(report) ? report : null;
}

type Test = (value: unknown) => boolean;
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text: Test = (value) => typeof value === 'string';
const number: Test = (value) => typeof value === 'number';
const flag: Test = (value) => typeof value === 'boolean';
const maybe =
  (test: Test): Test =>
  (value) =>
    value === undefined || value === null || test(value);
const listOf =
  (test: Test): Test =>
  (value) =>
    Array.isArray(value) && value.length <= 500 && value.every(test);
const shape =
  (tests: Record<string, Test>): Test =>
  (value) =>
    isObject(value) && Object.entries(tests).every(([name, test]) => test(value[name]));

const field: Test = (value) =>
  isObject(value) &&
  (value.of === 'audience'
    ? number(value.id)
    : ['event', 'property', 'trait', 'account', 'session'].includes(String(value.of)) && text(value.name));
const condition = shape({ field, is: text, values: listOf((value) => text(value) || number(value) || flag(value)) });
const filter: Test = (value) =>
  isObject(value) &&
  ('field' in value
    ? condition(value)
    : 'not' in value
      ? filter(value.not)
      : listOf(filter)('all' in value ? value.all : value.any));
const match = shape({ name: maybe(text), type: maybe(text), action: maybe(number), where: maybe(filter) });
const what = shape({ events: listOf(match), where: maybe(filter), label: maybe(text) });
const period: Test = (value) =>
  isObject(value) && ('last' in value ? number(value.last) && text(value.unit) : isDay(value.from) && isDay(value.to));
const isDay: Test = (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value));
const common = { period, filter: maybe(filter), zone: maybe(text), weekStart: maybe(text), sample: maybe(number) };
const usage = shape({ ...common, what, interval: maybe(text) });

const SHAPES: Record<Kind, Test> = {
  trend: shape({
    ...common,
    interval: text,
    series: listOf(shape({ what, measure: shape({ of: text, field: maybe(field) }), label: maybe(text) })),
    formulas: listOf(shape({ expression: text, label: maybe(text), format: maybe(text) })),
    breakdown: listOf(field),
    top: number,
    compare: maybe(text),
    rolling: maybe(number),
    cumulative: flag,
    distribution: flag,
  }),
  funnel: shape({
    ...common,
    steps: listOf(shape({ what, optional: maybe(flag) })),
    order: text,
    window: shape({ count: number, unit: text }),
    exclusions: listOf(shape({ what, from: number, to: number })),
    hold: listOf(field),
    by: text,
    semantics: text,
    breakdown: listOf(field),
    attribution: isObject,
    top: number,
    interval: maybe(text),
  }),
  retention: shape({
    ...common,
    start: what,
    return: maybe(what),
    interval: text,
    count: number,
    brackets: maybe(listOf(number)),
    atLeast: number,
    value: maybe(shape({ of: text, field })),
    breakdown: maybe(field),
    top: number,
  }),
  journey: shape({
    ...common,
    of: maybe(what),
    start: maybe(what),
    end: maybe(what),
    stations: text,
    groups: listOf(shape({ pattern: text, label: text })),
    depth: number,
    fold: flag,
    reached: flag,
    within: (value) => value === 'session' || shape({ idleMinutes: number })(value),
    top: number,
  }),
  lifecycle: usage,
  stickiness: usage,
  engagement: usage,
  sessions: shape({ ...common, interval: text, breakdown: maybe(field), top: number, goal: maybe(what) }),
  score: shape({ ...common, of: text, what: maybe(what), interval: text, breakdown: maybe(field), top: number }),
};

/** Whether a report has the shape that its editor counts on; what its values mean the server checks. */
export const isShaped = (report: unknown): report is Report =>
  isObject(report) && isKind(String(report.kind)) && SHAPES[report.kind as Kind](report);

/** In a query string, with only what would end it or be read otherwise there encoded. */
const inAddress = (text: string) =>
  encodeURIComponent(text).replace(/%(?:28|29|3A|2C|2F|27|21|24|40|3B)/g, decodeURIComponent);

/** Where a report can be looked at and changed: an address within the console. */
export const reportAddress = (report: Report, more = ''): string =>
  `/reports/new/${report.kind}?r=${inAddress(toLink(report))}${more}`;

/** The query string with a report in it, and the other parameters as given. */
export function searchWith(report: Report, others: Record<string, string>): string {
  const rest = Object.entries(others).filter(([, value]) => value !== '');
  const said = toLink(report);
  const parts = [...(said === '()' ? [] : [['r', said] as const]), ...rest];
  return parts.length === 0 ? '' : `?${parts.map(([name, value]) => `${name}=${inAddress(value)}`).join('&')}`;
}
