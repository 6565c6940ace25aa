import type { Context } from '../../kernel/context.ts';
import { NAMELESS } from './rules.ts';

/** Events that a draft is made from, and those that examples are taken from. */
export const DRAFT_SAMPLE = 2000;
const EXAMPLES_SAMPLE = 100;
const EXAMPLES = 5;
const EXAMPLE_LENGTH = 100;
const BYTES = 256 * 1024 * 1024;

/**
 * Properties of the last stored events of a name. Nothing is kept of them: what is erased from the events is in no sample.
 * `names` are all that count as the event.
 */
export async function sampleOf(
  context: Context,
  event: { type: string; names: readonly string[]; lastAt: number },
  limit: number,
): Promise<Record<string, unknown>[]> {
  const names = event.names.flatMap((name) => (name === event.type && NAMELESS.has(name) ? [name, ''] : [name]));
  // The newest part is looked at first: an event that comes often is found there without reading the rest.
  for (const days of [2, 62, 100_000]) {
    const rows = await context.events.query<{ properties: string }>(
      `SELECT toJSONString(properties) AS properties FROM (
         SELECT properties FROM events
         WHERE type = {type:String} AND name IN {names:Array(String)} AND timestamp >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
         LIMIT {limit:UInt32})
       SETTINGS output_format_json_quote_64bit_integers = 0`,
      { type: event.type, names, from: Math.max(0, event.lastAt - days * 86_400_000), limit },
      { memoryBytes: BYTES },
    );
    if (rows.length >= limit || days === 100_000)
      return rows.map((row) => JSON.parse(row.properties) as Record<string, unknown>);
  }
  return [];
}

/** Examples of values, a few different ones of each path that is not personal. */
export async function examplesOf(
  context: Context,
  event: { type: string; names: readonly string[]; lastAt: number },
  isPersonal: (path: string) => boolean,
): Promise<Map<string, string[]>> {
  const examples = new Map<string, Set<string>>();
  for (const properties of await sampleOf(context, event, EXAMPLES_SAMPLE)) {
    eachValue(properties, (path, value) => {
      if (value === null || typeof value === 'object' || isPersonal(path)) return;
      const known = examples.get(path) ?? new Set();
      if (known.size < EXAMPLES) known.add(String(value).slice(0, EXAMPLE_LENGTH));
      examples.set(path, known);
    });
  }
  return new Map([...examples].map(([path, values]) => [path, [...values]]));
}

/** Each value with its path as the catalogue writes it: `name`, `name.inner`, `name[].inner`. */
function eachValue(properties: Record<string, unknown>, tell: (path: string, value: unknown) => void): void {
  for (const [name, value] of Object.entries(properties)) {
    tell(name, value);
    if (typeof value !== 'object' || value === null) continue;
    const inner = Array.isArray(value) ? value.slice(0, 20) : [value];
    const prefix = Array.isArray(value) ? `${name}[].` : `${name}.`;
    for (const item of inner) {
      if (typeof item !== 'object' || item === null || Array.isArray(item)) continue;
      for (const [key, deep] of Object.entries(item)) tell(prefix + key, deep);
    }
  }
}
