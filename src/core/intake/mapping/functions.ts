import type { Expression } from 'jsonata';

/** Gives an expression the functions that mappings have beyond JSONata's own. */
export function addFunctions(expression: Expression): void {
  expression.registerFunction('instant', instant, '<s-s?n?:s>');
  expression.registerFunction('pick', pick, '<ao:a>');
  expression.registerFunction('sumProduct', sumProduct, '<ass?:n>');
}

/** No text of a date and time is longer. */
const TIME_CHARACTERS = 100;
const WEEKS_LIMIT = 10_000;

/**
 * `$instant(text, zone, weeks)`: the moment, ISO 8601 in UTC, at which clocks in `zone` (an IANA name, UTC unless given)
 * showed `text`, a date with or without a time of day. A text with an offset of its own keeps it. `weeks` moves the
 * local date, so the time of day stays what it was. An hour that a change of clocks skipped counts as the one after it,
 * of one that came twice the first is meant. Throws an Error with a sentence for a text or a zone that cannot be read.
 */
export function instant(text: string, zone = 'UTC', weeks = 0): string {
  const trimmed = text.trim();
  if (!Number.isInteger(weeks) || Math.abs(weeks) > WEEKS_LIMIT) {
    throw new Error(`$instant: ${weeks} is not a whole number of weeks up to ${WEEKS_LIMIT}`);
  }
  if (trimmed.length > TIME_CHARACTERS) throw new Error('$instant: the text is too long to be a time');
  const time = hasOffset(trimmed) ? readInstant(trimmed, zone) : readLocal(trimmed, zone);
  const moved = weeks === 0 ? time : time.add({ weeks });
  return moved.toInstant().toString({ smallestUnit: 'millisecond' });
}

const hasOffset = (text: string) => /(?:[zZ]|[T ]\d{2}:?\d{2}.*[+-]\d{2}(?::?\d{2})?)$/.test(text);

function readInstant(text: string, zone: string): Temporal.ZonedDateTime {
  try {
    return Temporal.Instant.from(text).toZonedDateTimeISO(zone);
  } catch {
    throw unreadable(text, zone);
  }
}

function readLocal(text: string, zone: string): Temporal.ZonedDateTime {
  try {
    return Temporal.PlainDateTime.from(text).toZonedDateTime(zone);
  } catch {
    throw unreadable(text, zone);
  }
}

function unreadable(text: string, zone: string): Error {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    return new Error(`$instant: "${zone}" is not a time zone; use an IANA name such as Europe/London`);
  }
  return new Error(`$instant: "${text}" is not a time; use a form such as 2026-03-01 12:30:00`);
}

/**
 * `$pick(rows, { 'price': 'UnitPrice' })`: of each object the named fields, under new names; those that are absent are
 * left out. The same as `rows.{ 'price': UnitPrice }`, many times as fast.
 */
export function pick(rows: readonly unknown[], names: Record<string, unknown>): Record<string, unknown>[] {
  const fields = Object.entries(names);
  return rows.map((row) => {
    const picked: Record<string, unknown> = {};
    for (const [to, from] of fields) {
      const value = fieldOf(row, String(from));
      if (value !== undefined) picked[to] = value;
    }
    return picked;
  });
}

/**
 * `$sumProduct(rows, 'Quantity', 'UnitPrice')`: the sum of one field, or of the product of two, over all objects. The same
 * as `$sum(rows.(Quantity * UnitPrice))`, many times as fast. An object without one of the fields adds nothing; a value
 * that is not a number throws.
 */
export function sumProduct(rows: readonly unknown[], one: string, other?: string): number {
  let sum = 0;
  for (const row of rows) {
    const value = fieldOf(row, one);
    const factor = other === undefined ? 1 : fieldOf(row, other);
    if (value === undefined || factor === undefined) continue;
    if (typeof value !== 'number' || typeof factor !== 'number') {
      throw new Error(`$sumProduct: ${typeof value === 'number' ? other : one} is not a number everywhere`);
    }
    sum += value * factor;
  }
  return sum;
}

function fieldOf(row: unknown, name: string): unknown {
  if (typeof row !== 'object' || row === null || !Object.hasOwn(row, name)) return undefined;
  return (row as Record<string, unknown>)[name];
}
