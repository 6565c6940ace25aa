import { refuse } from '../../kernel/refusal.ts';
import { canonicalName } from '../catalogue/names.ts';
import { quoteName } from './bindings.ts';
import { EVENT_FIELDS, SESSION_FIELDS } from './field.ts';

/** A field in SQL, for rows of `events AS e` and what was joined to them. */
export interface FieldSql {
  /** String; empty where the event has no such value. */
  text: string;
  /** Nullable(Float64). */
  number: string;
  /** Boolean: whether there is a value. */
  set: string;
}

/** What ClickHouse reads as a type or a part of a JSON value, not as a name, even in quotes: :`Int64`, ^`address`. */
const KEPT = /^[:^@]`/;

const ofText = (text: string): FieldSql => ({ text, number: `toFloat64OrNull(${text})`, set: `${text} != ''` });
const ofNumber = (number: string): FieldSql => ({
  text: `toString(${number})`,
  number: `toNullable(toFloat64(${number}))`,
  set: '1',
});

/** A property of the event. A name with dots is a name, and also the way into nested objects. */
export function propertySql(name: string): FieldSql {
  if (name.split('.').some((part) => KEPT.test(part)))
    throw refuse.invalid(
      `The property "${name}" cannot be asked for: the events store keeps names like this for itself.`,
    );
  const whole = `toString(e.properties.${quoteName(name.replaceAll('.', '%2E'))})`;
  const parts = name.split('.');
  if (parts.length === 1 || parts.includes('')) return ofText(whole);
  const path = parts.map(quoteName).join('.');
  return ofText(`concat(${whole}, toString(e.properties.${path}))`);
}

/** A field of the event itself. `renamed` where some names count as others. */
export function eventFieldSql(name: keyof typeof EVENT_FIELDS, renamed: boolean): FieldSql {
  const { column, is } = EVENT_FIELDS[name];
  if (name === 'name') {
    const stored = renamed ? canonicalName('e.type', 'e.name') : 'toString(e.name)';
    return ofText(`if(e.name = '', toString(e.type), ${stored})`);
  }
  if (is === 'number') return ofNumber(`e.${column}`);
  if (is === 'time') return ofNumber(`toUnixTimestamp64Milli(e.${column})`);
  return ofText(`toString(e.${column})`);
}

/** A field of the visit, joined as `s`. */
export function sessionFieldSql(name: keyof typeof SESSION_FIELDS): FieldSql {
  return SESSION_FIELDS[name] === 'number' ? ofNumber(`s.${name}`) : ofText(`toString(s.${name})`);
}

/** What is joined (as the given name) for a trait or an audience: its text. */
export const joinedSql = (alias: string): FieldSql => ofText(`toString(${alias}.value)`);
