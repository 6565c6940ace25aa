import type { Context } from '../../kernel/context.ts';
import type { Kind } from './observe.ts';
import { DRAFT_SAMPLE, sampleOf } from './samples.ts';
import { FORMATS, type Schema } from './schema.ts';

/** A property as drawn from the counts of the catalogue. */
export interface Counted {
  path: string;
  counts: Record<Kind, number>;
}

/** Few values, each often, make a list of allowed values. */
const ENUM_VALUES = 12;
const ENUM_SAMPLE = 50;
const ENUM_TIMES = 3;
const ENUM_LENGTH = 60;
const DRAFTED_FORMATS = ['date-time', 'date', 'email', 'uri', 'uuid'] as const;
const TYPE_OF: Record<Kind, string> = {
  strings: 'string',
  integers: 'integer',
  numbers: 'number',
  booleans: 'boolean',
  arrays: 'array',
  objects: 'object',
  nulls: 'null',
};

/**
 * Drafts a schema from what was seen: types from the counts over all time; what is required, formats and short lists of
 * values from the last stored events. A personal property gets a type and a format, never a list of its values.
 */
export async function draftSchema(
  context: Context,
  event: { type: string; names: readonly string[]; lastAt: number; observed: number },
  properties: readonly Counted[],
  isPersonal: (path: string) => boolean,
): Promise<Schema> {
  const sample = await sampleOf(context, event, DRAFT_SAMPLE);
  const planned = Object.fromEntries(
    properties
      .filter(({ path }) => !isInner(path, properties))
      .map(({ path, counts }) => [path, propertySchema(path, counts, properties, sample, isPersonal)]),
  );
  const required = properties
    .filter(({ path }) => path in planned)
    .filter(({ path, counts }) =>
      sample.length > 0 ? sample.every((one) => one[path] !== undefined) : total(counts) >= event.observed,
    )
    .map(({ path }) => path);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: planned,
    ...(required.length > 0 ? { required } : {}),
  };
}

/** `a.b` and `a[].b` are drawn within `a`, where there is one that has an inside. */
function isInner(path: string, properties: readonly Counted[]): boolean {
  return properties.some(
    (outer) =>
      (outer.counts.objects > 0 && path.startsWith(`${outer.path}.`)) ||
      (outer.counts.arrays > 0 && path.startsWith(`${outer.path}[].`)),
  );
}

function propertySchema(
  path: string,
  counts: Counted['counts'],
  properties: readonly Counted[],
  sample: readonly Record<string, unknown>[],
  isPersonal: (path: string) => boolean,
): Schema {
  const types = typesOf(counts);
  const schema: Schema = { type: types.length === 1 ? types[0] : types };
  const inner = (prefix: string) => {
    const found = properties.filter((one) => one.path.startsWith(prefix));
    return Object.fromEntries(
      found.map((one) => {
        const kinds = typesOf(one.counts);
        return [one.path.slice(prefix.length), { type: kinds.length === 1 ? kinds[0] : kinds }];
      }),
    );
  };
  if (types.includes('object')) {
    const within = inner(`${path}.`);
    if (Object.keys(within).length > 0) schema.properties = within;
  }
  if (types.includes('array')) {
    const within = inner(`${path}[].`);
    if (Object.keys(within).length > 0) schema.items = { type: 'object', properties: within };
  }
  if (types.length === 1 && types[0] === 'string') {
    const texts = sample.map((one) => one[path]).filter((value): value is string => typeof value === 'string');
    const format = DRAFTED_FORMATS.find((name) => texts.length > 0 && texts.every((text) => FORMATS[name]!(text)));
    if (format) schema.format = format;
    else {
      const values = isPersonal(path) ? null : fewValues(texts);
      if (values) schema.enum = values;
    }
  }
  return schema;
}

/** Whole numbers and fractions are numbers. Null only where it was seen beside something else. */
function typesOf(counts: Counted['counts']): string[] {
  const kinds = (Object.keys(TYPE_OF) as Kind[]).filter((kind) => counts[kind] > 0);
  const types = kinds.filter((kind) => !(kind === 'integers' && counts.numbers > 0)).map((kind) => TYPE_OF[kind]);
  return types.length === 0 ? ['string'] : types;
}

function fewValues(texts: readonly string[]): string[] | null {
  if (texts.length < ENUM_SAMPLE) return null;
  const times = new Map<string, number>();
  for (const text of texts) {
    times.set(text, (times.get(text) ?? 0) + 1);
    if (times.size > ENUM_VALUES || text.length > ENUM_LENGTH) return null;
  }
  return [...times.values()].every((count) => count >= ENUM_TIMES) ? [...times.keys()].sort() : null;
}

const total = (counts: Counted['counts']) => Object.values(counts).reduce((sum, count) => sum + count, 0);
