import { formatCountry, withoutOverrides } from '../../../format.ts';
import { hasMessage, type Translate } from '../../../text.tsx';
import type { FieldChoices } from '../calls.ts';
import { type EventMatch, type Field, type Filter, isCountry, type What } from './types.ts';

/** What people call a field: built-in ones in their language, the senders' own as they are written. */
export function fieldName(field: Field, t: Translate, choices?: FieldChoices): string {
  if (field.of === 'audience') {
    const name = choices?.audiences.find((one) => one.id === field.id)?.name;
    return name ?? t('query.audienceNumber', { id: field.id });
  }
  const key = `query.field.${field.of}.${wordOf(field.name)}`;
  if ((field.of === 'event' || field.of === 'session') && hasMessage(key)) return t(key);
  return withoutOverrides(field.name);
}

/** `channel_group` as the catalogue of messages has it: `channelGroup`. */
const wordOf = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** What is meant by one event of a step or series. */
export function matchName(match: EventMatch, t: Translate, choices?: FieldChoices): string {
  if ('action' in match) {
    return (
      choices?.actions.find((one) => one.id === match.action)?.label ?? t('query.actionNumber', { id: match.action })
    );
  }
  if (match.name === match.type && match.type) return t(`query.type.${match.type}`);
  if (match.name) return withoutOverrides(match.name);
  return match.type ? t(`query.type.${match.type}`) : t('query.anyEvent');
}

/** Views of certain pages are called by these pages; null for all else. */
function pageName(match: EventMatch, also?: Filter): string | null {
  if (!('type' in match) || (match.type !== 'page' && match.type !== 'screen')) return null;
  const wheres = [match.where, also].filter((one) => one !== undefined);
  const [where] = wheres;
  if (wheres.length !== 1 || !where || !('field' in where) || where.is !== 'is' || where.values.length === 0)
    return null;
  const { field, values } = where;
  if (field.of !== 'event' || !(field.name === 'path' || field.name === 'title' || field.name === 'url')) return null;
  return withoutOverrides(`${values.slice(0, 2).join(', ')}${values.length > 2 ? ', …' : ''}`);
}

/** What a step or series is called: by its own label, or by its events. */
export function whatName(what: What, t: Translate, choices?: FieldChoices): string {
  if (what.label) return withoutOverrides(what.label);
  const [only, more] = what.events;
  const page = only && !more && pageName(only, what.where);
  if (page) return page;
  const names = what.events.slice(0, 3).map((match) => pageName(match) ?? matchName(match, t, choices));
  if (what.events.length > 3) names.push('…');
  if (names.length === 0) return t('query.chooseEvent');
  return names.length === 1 ? names[0]! : names.join(` ${t('query.or')} `);
}

/** A value of a field as people read it: countries by name, nothing as such. */
export function valueName(value: string | null, field: Field | undefined, t: Translate): string {
  if (value === null) return t('query.otherValues');
  if (value === '') return t('query.noValue');
  if (field?.of === 'audience') return t(value === 'true' ? 'query.inside' : 'query.outside');
  if (isCountry(field) && /^[A-Za-z]{2}$/.test(value)) return formatCountry(value);
  return withoutOverrides(value);
}
