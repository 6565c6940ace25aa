import { RE2JS } from 're2js';
import { refuse } from '../../kernel/refusal.ts';
import type { Bindings } from './bindings.ts';
import { fieldKey } from './field.ts';
import type { FieldSql } from './field-sql.ts';
import type { Condition } from './filter.ts';

const PATTERN_LIMIT = 1000;
const DAY_MS = 86_400_000;
const LONGEST_DAYS = 36_600;

/** A condition as a boolean expression. Refuses values that do not suit it. */
export function conditionSql(condition: Condition, field: FieldSql, bindings: Bindings, now: number): string {
  const { values } = condition;
  const needs = (count: number) => {
    if (values.length < count) throw refuse.invalid(`The condition on ${fieldKey(condition.field)} lacks its value.`);
  };
  const texts = () => {
    needs(1);
    return values.map(String);
  };
  const numbers = (count: number) => {
    needs(count);
    return values.slice(0, Math.max(count, 1)).map((value) => {
      const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
      if (!Number.isFinite(number))
        throw refuse.invalid(`"${value}" is not a number, which the condition on ${fieldKey(condition.field)} needs.`);
      return bindings.bind(number, 'Float64');
    });
  };
  const anyOf = (one: (value: string) => string) => `(${texts().map(one).join(' OR ')})`;
  const time = (value: unknown) => {
    const at = typeof value === 'string' && /^\d{4}-\d\d-\d\d/.test(value) ? Date.parse(value) : Number.NaN;
    if (Number.isNaN(at))
      throw refuse.invalid(`"${value}" is not a date, which the condition on ${fieldKey(condition.field)} needs.`);
    return bindings.bind(at, 'Int64');
  };
  // A moment is kept as milliseconds since 1970 in columns, and as an ISO text in properties and traits; "inf" is none.
  const moment = `ifNull(if(${field.number} > 100000000000, accurateCastOrNull(floor(${field.number}), 'Int64'), toInt64(toUnixTimestamp64Milli(parseDateTime64BestEffortOrNull(${field.text}, 3, 'UTC')))), -1)`;
  switch (condition.is) {
    case 'is':
      return `${field.text} IN ${bindings.texts(texts())}`;
    case 'isNot':
      return `${field.text} NOT IN ${bindings.texts(texts())}`;
    case 'contains':
      return anyOf((value) => `positionCaseInsensitiveUTF8(${field.text}, ${bindings.text(value)}) > 0`);
    case 'containsNot':
      return `NOT ${anyOf((value) => `positionCaseInsensitiveUTF8(${field.text}, ${bindings.text(value)}) > 0`)}`;
    case 'startsWith':
      return anyOf((value) => `startsWith(${field.text}, ${bindings.text(value)})`);
    case 'endsWith':
      return anyOf((value) => `endsWith(${field.text}, ${bindings.text(value)})`);
    case 'matches':
      return anyOf((value) => `match(${field.text}, ${bindings.text(pattern(value))})`);
    case 'matchesNot':
      return `NOT ${anyOf((value) => `match(${field.text}, ${bindings.text(pattern(value))})`)}`;
    case 'less':
      return `ifNull(${field.number} < ${numbers(1)[0]}, 0)`;
    case 'atMost':
      return `ifNull(${field.number} <= ${numbers(1)[0]}, 0)`;
    case 'more':
      return `ifNull(${field.number} > ${numbers(1)[0]}, 0)`;
    case 'atLeast':
      return `ifNull(${field.number} >= ${numbers(1)[0]}, 0)`;
    case 'between': {
      const [low, high] = numbers(2);
      return `ifNull(${field.number} BETWEEN ${low} AND ${high}, 0)`;
    }
    case 'isSet':
      return field.set;
    case 'isNotSet':
      return `NOT (${field.set})`;
    case 'before':
      needs(1);
      return `(${moment} >= 0 AND ${moment} < ${time(values[0])})`;
    case 'after':
      needs(1);
      return `${moment} > ${time(values[0])}`;
    case 'inLast': {
      needs(1);
      const days = Number(values[0]);
      if (!(days > 0 && days <= LONGEST_DAYS))
        throw refuse.invalid(`"${values[0]}" is not a number of days between 1 and ${LONGEST_DAYS}.`);
      return `${moment} > ${bindings.bind(Math.floor(now - days * DAY_MS), 'Int64')}`;
    }
  }
}

/** RE2 takes time in proportion to the text, whatever the expression; so a long one is all that could explode. */
function pattern(value: string): string {
  if (value.length > PATTERN_LIMIT)
    throw refuse.invalid(`An expression may have ${PATTERN_LIMIT} characters at most; this one has ${value.length}.`);
  try {
    RE2JS.compile(value);
  } catch (error) {
    throw refuse.invalid(
      `The expression "${value.slice(0, 100)}" cannot be read: ${(error as Error).message.slice(0, 200)}. Expressions are those of RE2, without look-around and back references.`,
    );
  }
  return value;
}
