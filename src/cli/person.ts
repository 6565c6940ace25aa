import { Command, InvalidArgumentError } from 'commander';
import { type Client, type Connection, connect, withConnection } from './client.ts';
import { personText } from './person-text.ts';
import { print, printJson } from './terminal.ts';
import type { Page, Person, TimelineEvent } from './wire.ts';

const EVENTS_SHOWN = 50;
const PAGE = 200;

interface Options extends Connection {
  limit: number;
}

function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number from 1 to 9999999.');
}

/** The person, and as much of the timeline as was asked for, newest first. */
export const personCommand = withConnection(
  new Command('person')
    .description('a person and the timeline')
    .argument('<kind>', 'kind of identifier, such as email, user_id or customer_id')
    .argument('<value>', 'its value')
    .option('--limit <events>', 'how many events to show', wholeNumber, EVENTS_SHOWN),
).action(async (kind: string, value: string, options: Options) => {
  const client = connect(options);
  const lookup = new URLSearchParams({ kind, value });
  const person = await client.ask<Person>('GET', `/api/people/lookup?${lookup}`);
  const { events, more } = await timelineOf(client, person.id, options.limit);
  if (options.json) return printJson({ person, timeline: events });
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  print(personText(person, events, { width: process.stdout.columns ?? 100, timeZone, more }));
});

async function timelineOf(
  client: Client,
  personId: string,
  limit: number,
): Promise<{ events: TimelineEvent[]; more: boolean }> {
  const events: TimelineEvent[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ limit: String(Math.min(PAGE, limit - events.length)) });
    if (cursor) query.set('cursor', cursor);
    const page: Page<TimelineEvent> = await client.ask('GET', `/api/people/${personId}/timeline?${query}`);
    events.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null && events.length < limit);
  return { events, more: cursor !== null };
}
