import { hideAddresses } from '../../core/people/hide.ts';
import type { Field } from '../../core/query/field.ts';
import type { What } from '../../core/query/matching.ts';
import { chartFormat } from '../../kernel/chart/format.ts';
import type { ChartWords } from '../../kernel/chart/theme.ts';
import { type Language, openText, type Translate } from '../../kernel/text.ts';

const textIn = openText(new URL('./sent-messages/', import.meta.url));

/** What it takes to say things about a report in a language, without a browser. */
export interface Speech {
  language: Language;
  t: Translate;
  words: ChartWords;
}

const spoken = new Map<Language, Speech>();

export function speechIn(language: Language): Speech {
  const known = spoken.get(language);
  if (known) return known;
  const t = textIn(language);
  const format = chartFormat(language);
  const say = (key: string) => t(`chart.${key}`);
  const words: ChartWords = {
    format,
    partial: say('partial'),
    reached: say('reached'),
    dropped: say('dropped'),
    fromStart: say('fromStart'),
    fromBefore: say('fromBefore'),
    medianTime: say('medianTime'),
    interval: (level) => t('chart.interval', { level: format(level, { kind: 'percent' }) }),
    low: say('low'),
    high: say('high'),
    period: say('period'),
    value: say('value'),
    step: say('step'),
    before: say('before'),
    series: say('name'),
  };
  const speech = { language, t, words };
  spoken.set(language, speech);
  return speech;
}

/** Without marks that turn the text around it. */
const plain = (text: string) => text.replace(/[\u202A-\u202E\u2066-\u2069]/g, '');

/** What a step or series is called: by its own label, or by its events. */
export function whatName(what: What, { t }: Speech): string {
  if (what.label) return plain(what.label);
  const names = what.events.slice(0, 3).map((match) => {
    if ('action' in match) return t('action', { id: match.action });
    if (match.type && (match.name === undefined || match.name === match.type)) return t(`type.${match.type}`);
    return match.name ? plain(match.name) : t('anyEvent');
  });
  if (what.events.length > 3) names.push('…');
  return names.join(` ${t('or')} `);
}

/** A value of a field as people read it: countries by name, the rest together, no address of anybody. */
export function valueName(value: string | null, field: Field | undefined, { t, language }: Speech): string {
  if (value === null) return t('others');
  if (value === '') return t('none');
  if (field?.of === 'event' && field.name === 'country' && /^[A-Za-z]{2}$/.test(value))
    return new Intl.DisplayNames(language, { type: 'region' }).of(value.toUpperCase()) ?? value;
  return plain(hideAddresses(value));
}

/** A bucket's label, `2026-11-02` or with the hour, as people write it. */
export function bucketName(label: string, interval: string, { language }: Speech): string {
  const at = new Date(label.length > 10 ? `${label}Z` : `${label}T00:00:00Z`);
  if (Number.isNaN(at.getTime())) return label;
  const say = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { timeZone: 'UTC', ...options }).format(at);
  switch (interval) {
    case 'minute':
    case 'hour':
      return say({ month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit' });
    case 'month':
    case 'quarter':
      return say({ month: 'short', year: 'numeric' });
    case 'year':
      return say({ year: 'numeric' });
    default:
      return say({ month: 'short', day: 'numeric' });
  }
}
