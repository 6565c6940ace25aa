import type { WebList } from '../../../../src/core/query/visits/web.ts';
import { formatCountry, withoutOverrides } from '../../format.ts';
import type { Condition, Field, Filter } from '../reports/parts/types.ts';

/** What the page lists visits by, and can be narrowed to a value of. */
export const DIMENSIONS = [
  'channels',
  'referrers',
  'campaigns',
  'sources',
  'pages',
  'entryPages',
  'exitPages',
  'countries',
  'devices',
  'browsers',
  'systems',
] as const satisfies readonly (WebList | 'pages')[];
export type Dimension = (typeof DIMENSIONS)[number];

/** Values that somebody has clicked: visits have one of each dimension's. */
export type Chosen = Partial<Record<Dimension, string[]>>;

/** Values of one dimension in an address; more are a filter of their own. */
const VALUES_LIMIT = 20;

const session = (name: Extract<Field, { of: 'session' }>['name']): Field => ({ of: 'session', name });

/** The field that a list is made from. Lists of visits are of what a visit has; pages are of what was seen in it. */
const FIELDS: Record<Dimension, Field> = {
  channels: session('channel_group'),
  referrers: session('referrer'),
  campaigns: session('campaign_name'),
  sources: session('campaign_source'),
  pages: { of: 'event', name: 'path' },
  entryPages: session('entry_path'),
  exitPages: session('exit_path'),
  countries: session('country'),
  devices: session('device'),
  browsers: session('browser'),
  systems: { of: 'event', name: 'os' },
};

const escaped = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** The condition that holds for the visits of a row. */
function conditionOf(dimension: Dimension, values: readonly string[]): Condition {
  const field = FIELDS[dimension];
  // The list has a referrer's site, without its www; the field is the whole address.
  if (dimension === 'referrers')
    return { field, is: 'matches', values: values.map((site) => `^\\w+://(www\\.)?${escaped(site)}([/:?#]|$)`) };
  return { field, is: 'is', values: [...values] };
}

/** The page's filter: what was clicked, and conditions beside it. */
export function filterOf(chosen: Chosen, more: Filter | undefined): Filter | undefined {
  const parts: Filter[] = DIMENSIONS.flatMap((dimension) => {
    const values = chosen[dimension];
    return values && values.length > 0 ? [conditionOf(dimension, values)] : [];
  });
  if (more) parts.push(more);
  return parts.length > 1 ? { all: parts } : parts[0];
}

/** Adds a value, or takes it away where it is there. */
export function toggled(chosen: Chosen, dimension: Dimension, value: string): Chosen {
  const before = chosen[dimension] ?? [];
  const values = before.includes(value)
    ? before.filter((one) => one !== value)
    : [...before, value].slice(-VALUES_LIMIT);
  const { [dimension]: _, ...rest } = chosen;
  return values.length > 0 ? { ...rest, [dimension]: values } : rest;
}

/** What an address says was chosen; what is no such thing is left out. */
export function chosenFrom(said: unknown): Chosen {
  if (typeof said !== 'object' || said === null) return {};
  const chosen: Chosen = {};
  for (const dimension of DIMENSIONS) {
    const values = (said as Record<string, unknown>)[dimension];
    if (!Array.isArray(values)) continue;
    const texts = values.filter((value): value is string => typeof value === 'string' && value !== '');
    if (texts.length > 0) chosen[dimension] = texts.slice(0, VALUES_LIMIT);
  }
  return chosen;
}

export const valueWords = (dimension: Dimension, value: string): string =>
  dimension === 'countries' && /^[A-Za-z]{2}$/.test(value) ? formatCountry(value) : withoutOverrides(value);
