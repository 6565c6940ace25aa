import type { FollowRule } from './settings.ts';

/** What is kept of a text; what is longer is cut. */
const TEXT_LIMIT = 10_000;
const SHORT_LIMIT = 500;

export interface EventRow {
  event_id: string;
  origin_id: string;
  source_id: number;
  name: string;
  channel: string;
  path: string;
  url: string;
  locale: string;
  /** Milliseconds since 1970. */
  at: string;
  session: string;
  properties: string;
}

/** A row of voices_voices before it is understood. */
export interface NewVoice {
  event_id: string;
  origin_id: number;
  source_id: number;
  of: string;
  channel: string;
  said_at: string;
  text: string;
  score: number | null;
  scale: number | null;
  score_kind: string | null;
  path: string;
  element: string;
  place: string;
  author: string;
  url: string;
  contact: string;
  hint: string;
  session_start: string | null;
  survey_id: string | null;
  response_id: string | null;
  answer_key: string | null;
  picture_id: string | null;
}

export type Properties = Record<string, unknown>;

export const FEEDBACK = 'Feedback Given';
export const ANSWERED = 'Question Answered';
/** Scales of scores that were given without one, by kind. */
const SCALES: Record<string, number> = { nps: 10, csat: 5, ces: 7, rating: 5 };

/** The voice that an event is by the first rule that finds words in it; null for none. Whatever was sent, it ends in a row. */
export function voiceOf(row: EventRow, rules: readonly FollowRule[]): NewVoice | null {
  const properties = propertiesOf(row);
  for (const rule of rules) {
    if (rule.event !== row.name) continue;
    const text = textAt(properties, rule.text, TEXT_LIMIT);
    const score = rule.score === '' ? null : numberAt(properties, rule.score);
    const picture = properties.hasPicture === true ? guidAt(properties, 'feedbackId') : null;
    // A face or a picture from the widget is a voice without words; elsewhere only words are.
    if (text === '' && !(row.name === FEEDBACK && (score !== null || picture !== null))) continue;
    return { ...common(row, properties), text, ...scored(properties, rule, score), picture_id: picture };
  }
  return null;
}

export function propertiesOf({ properties }: Pick<EventRow, 'properties'>): Properties {
  const value: unknown = JSON.parse(properties);
  return typeof value === 'object' && value !== null ? (value as Properties) : {};
}

function common(row: EventRow, properties: Properties) {
  const response = shortAt(properties, 'responseId');
  const question = shortAt(properties, 'questionId');
  const session = Number(row.session);
  return {
    event_id: row.event_id,
    origin_id: Number(row.origin_id),
    source_id: row.source_id,
    of: row.name,
    channel: row.channel,
    said_at: new Date(Number(row.at)).toISOString(),
    path: shortAt(properties, 'path') || storable(row.path, SHORT_LIMIT),
    element: shortAt(properties, 'element'),
    place: shortAt(properties, 'survey') || shortAt(properties, 'site'),
    author: shortAt(properties, 'author'),
    url: addressAt(properties) || storable(row.url, 2000),
    contact: shortAt(properties, 'email'),
    hint: shortAt(properties, 'language') || storable(row.locale, 35),
    session_start: session > 0 ? new Date(session).toISOString() : null,
    survey_id: shortAt(properties, 'surveyId') || null,
    response_id: response || null,
    answer_key: response && question ? `${response}/${question}` : null,
  };
}

function scored(properties: Properties, rule: FollowRule, score: number | null) {
  const kind = shortAt(properties, 'kind');
  const scale = (rule.scale === '' ? null : numberAt(properties, rule.scale)) ?? SCALES[kind] ?? SCALES.rating!;
  const fits = score !== null && score >= 0 && score <= scale;
  return { score: fits ? score : null, scale: fits ? scale : null, score_kind: fits && kind in SCALES ? kind : null };
}

/** The value at a path with dots, which may also be a name with dots in it. */
function at(properties: Properties, path: string): unknown {
  if (Object.hasOwn(properties, path)) return properties[path];
  let value: unknown = properties;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Properties)[name];
  }
  return value;
}

function textAt(properties: Properties, path: string, limit: number): string {
  const value = at(properties, path);
  return typeof value === 'string' ? storable(value, limit).trim() : '';
}

const shortAt = (properties: Properties, path: string) => textAt(properties, path, SHORT_LIMIT);

/** Only addresses that a browser may open without harm. */
function addressAt(properties: Properties): string {
  const value = textAt(properties, 'url', 2000);
  return /^https?:\/\//i.test(value) ? value : '';
}

export function numberAt(properties: Properties, path: string): number | null {
  const value = at(properties, path);
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : null;
}

function guidAt(properties: Properties, path: string): string | null {
  const value = shortAt(properties, path);
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value) ? value.toLowerCase() : null;
}

/** Cut to whole characters, without what PostgreSQL does not keep. */
function storable(text: string, limit: number): string {
  return text.slice(0, limit).replaceAll('\0', '').toWellFormed();
}
