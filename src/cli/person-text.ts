import { eventDetails } from './event-text.ts';
import { moneyText, paint, plain, type Style, shorten } from './terminal.ts';
import type { Person, TimelineEvent } from './wire.ts';

const TRAITS_SHOWN = 20;
const VALUE_LENGTH = 60;
const CHANNEL_WIDTH = 7;

const CHANNEL_STYLES = new Map<string, Style>([
  ['web', 'blue'],
  ['app', 'cyan'],
  ['email', 'magenta'],
  ['chat', 'green'],
  ['phone', 'yellow'],
  ['sms', 'yellow'],
  ['store', 'green'],
  ['social', 'magenta'],
  ['ad', 'red'],
  ['device', 'cyan'],
]);

export interface PersonTextOptions {
  /** Columns of the terminal. */
  width: number;
  timeZone: string;
  /** Whether there are older events than those given. */
  more: boolean;
}

/** A person and events, newest first, as lines to read: who, what is known, then day by day what happened. */
export function personText(person: Person, events: readonly TimelineEvent[], options: PersonTextOptions): string {
  return [...who(person, options), '', ...timeline(events, options)].join('\n');
}

function who(person: Person, options: PersonTextOptions): string[] {
  const day = (time: string | null) => (time === null ? 'never' : dateText(time, options.timeZone));
  const revenue = person.revenue.map(moneyText).join(', ');
  const merged = person.merges.filter((merge) => merge.undoneAt === null).length;
  const lines = [
    `${paint('bold', plain(person.displayName))}  ${paint('dim', `person ${person.id}`)}`,
    [
      count(person.eventCount, 'event'),
      count(person.sessionCount, 'session'),
      ...(revenue === '' ? [] : [`${revenue} in all`]),
      ...(merged > 0 ? [`merged ${merged === 1 ? 'once' : `${merged} times`}`] : []),
    ].join(' · '),
    `First seen ${day(person.firstSeenAt)}, last ${day(person.lastSeenAt)}`,
  ];
  const rows: [string, string][] = [
    ...person.identifiers.map(({ kind, value }): [string, string] => [kind, value]),
    ...person.accounts.map(({ name, key }): [string, string] => ['account', name ?? key]),
    ...Object.entries(person.traits)
      .slice(0, TRAITS_SHOWN)
      .map(([name, { value }]): [string, string] => [name, valueText(value)]),
    ...Object.entries(person.consent).map(([purpose, { granted }]): [string, string] => [
      `consent: ${purpose}`,
      granted ? 'given' : 'not given',
    ]),
  ];
  const widest = Math.min(24, Math.max(0, ...rows.map(([name]) => plain(name).length)));
  for (const [name, value] of rows) {
    lines.push(
      `  ${paint('dim', shorten(plain(name), widest).padEnd(widest))}  ${shorten(plain(value), VALUE_LENGTH)}`,
    );
  }
  return lines;
}

function timeline(events: readonly TimelineEvent[], options: PersonTextOptions): string[] {
  if (events.length === 0) return [paint('dim', 'Nothing is on the timeline yet.')];
  const lines: string[] = [];
  let day = '';
  for (const event of events) {
    const itsDay = dayText(event.timestamp, options.timeZone);
    if (itsDay !== day) lines.push(...(day === '' ? [] : ['']), paint('bold', itsDay));
    day = itsDay;
    lines.push(eventLine(event, options));
  }
  if (options.more) lines.push('', paint('dim', 'There is more: see it with a larger --limit.'));
  return lines;
}

function eventLine(event: TimelineEvent, { width, timeZone }: PersonTextOptions): string {
  const time = new Date(event.timestamp).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZone });
  const channel = shorten(plain(event.channel), CHANNEL_WIDTH).padEnd(CHANNEL_WIDTH);
  const { what, more } = eventDetails(event);
  const start = `  ${time}  ${channel}  `;
  const head = shorten(plain(what), Math.max(10, width - start.length));
  const left = width - start.length - [...head].length - 2;
  const tail = more === '' || left < 8 ? '' : `  ${shorten(plain(more), left)}`;
  return `  ${paint('dim', time)}  ${paint(CHANNEL_STYLES.get(event.channel) ?? 'dim', channel)}  ${head}${paint('dim', tail)}`;
}

const DATE = { day: 'numeric', month: 'long', year: 'numeric' } as const;
const dateText = (time: string, timeZone: string) => new Date(time).toLocaleDateString('en-GB', { ...DATE, timeZone });
const dayText = (time: string, timeZone: string) =>
  new Date(time).toLocaleDateString('en-GB', { ...DATE, weekday: 'long', timeZone });

const count = (number: number, noun: string) => `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
const valueText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
