import { z } from 'zod';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { shortText } from '../../kernel/storable.ts';
import { compare, type Listed, listEvents, type Place } from '../catalogue/events.ts';
import { EVENT_TYPES_SEEN } from '../catalogue/rules.ts';
import { hideAddresses } from '../people/hide.ts';
import { environmentOf } from './environment.ts';
import { Field } from './field.ts';
import { audienceNames, NAMES_ASKED, propertyChoices, traitChoices, valueChoices } from './field-choices.ts';
import { shownTo } from './personal.ts';

/** Values offered at once. */
const VALUES_SHOWN = 200;
const NAMES_BYTES = 100_000;

const Names = z.array(shortText(500).min(1)).max(NAMES_ASKED);

/** In a query string: JSON. Refuses what is not. */
function fromJson<T>(text: string | undefined, schema: z.ZodType<T>, what: string, otherwise?: T): T {
  if (text === undefined && otherwise !== undefined) return otherwise;
  try {
    const parsed = schema.safeParse(JSON.parse(text ?? ''));
    if (parsed.success) return parsed.data;
  } catch {
    // Not JSON: refused below.
  }
  throw refuse.invalid(`"${what}" must be JSON, as a report has it.`);
}

const events = z
  .string()
  .max(NAMES_BYTES)
  .optional()
  .describe('Names of the events that it is about, as a JSON list; all events where it is left out.');

export const EventChoice = z.object({
  type: z.enum(EVENT_TYPES_SEEN),
  name: z.string(),
  description: z.string(),
  events: z.number().describe('All that are stored.'),
});
export type EventChoice = z.output<typeof EventChoice>;

const Choice = z.object({
  name: z.string(),
  type: z.enum(['text', 'number', 'boolean', 'time']),
  count: z.number().describe('How often it was seen; for traits, how many have it.'),
});

export const FieldChoices = z.object({
  properties: z.array(Choice).describe('Properties of the events.'),
  traits: z.array(Choice),
  accountTraits: z.array(Choice),
  audiences: z.array(z.object({ id: z.number(), name: z.string() })),
  actions: z.array(z.object({ id: z.number(), label: z.string() })).describe('Named sets of events.'),
  personal: z.boolean().describe('Whether fields with personal data are among them.'),
});
export type FieldChoices = z.output<typeof FieldChoices>;

export const ValueChoice = z.object({
  value: z.string(),
  count: z.number().describe('Events of the last 30 days; for traits, how many have it.'),
});
export type ValueChoice = z.output<typeof ValueChoice>;

/** The most frequent first: what has stopped coming may be what a report is about. */
const placeOf = ({ row, volume }: Listed): Place => [-volume.events, row.name.toLowerCase(), `${row.type} ${row.name}`];

export const fieldRoutes = [
  route({
    method: 'GET',
    path: '/api/query/events',
    summary: 'Events that a report can be about, those that come most first.',
    permission: 'reports.read',
    query: pageQuery.extend({ q: shortText(200).optional().describe('Part of the name or the description.') }),
    reply: pageOf(EventChoice),
    async run({ context, caller, query }) {
      const after: Place | undefined = decodeCursor(query.cursor, z.tuple([z.number(), z.string(), z.string()]));
      const listed = await listEvents(context, {
        q: query.q,
        type: undefined,
        status: undefined,
        owner: undefined,
        sourceId: undefined,
        hidden: false,
        sort: 'volume',
      });
      const all = caller.hidesPersonalData ? listed.filter(({ row }) => hideAddresses(row.name) === row.name) : listed;
      all.sort((a, b) => compare(placeOf(a), placeOf(b)));
      const rest = after ? all.filter((one) => compare(placeOf(one), after) > 0) : all;
      const page = rest.slice(0, query.limit);
      return {
        items: page.map(({ row, volume }) => ({
          type: row.type as EventChoice['type'],
          name: row.name,
          description: caller.hidesPersonalData ? hideAddresses(row.description) : row.description,
          events: volume.events,
        })),
        nextCursor: rest.length > page.length ? encodeCursor(placeOf(page.at(-1)!)) : null,
      };
    },
  }),
  route({
    method: 'GET',
    path: '/api/query/fields',
    summary: 'What a report can ask of events and of those they belong to: properties, traits, audiences, actions.',
    permission: 'reports.read',
    query: z.object({ events }),
    reply: FieldChoices,
    async run({ context, caller, query }) {
      const names = fromJson(query.events, Names, 'events', []);
      const [properties, traits, audiences, environment] = await Promise.all([
        propertyChoices(context, caller, names),
        traitChoices(context, caller),
        audienceNames(context),
        environmentOf(context, {}),
      ]);
      const named = shownTo(caller, { properties, ...traits });
      return {
        ...named,
        audiences,
        actions: [...environment.actions].map(([id, what]) => ({ id, label: what.label ?? String(id) })),
        personal: !caller.hidesPersonalData,
      };
    },
  }),
  route({
    method: 'GET',
    path: '/api/query/values',
    summary: 'The most frequent values of a field in the last 30 days.',
    permission: 'reports.read',
    query: z.object({
      field: z.string().max(2000).describe('The field, as a report has it: {"of":"event","name":"country"}.'),
      events,
      q: shortText(200).optional().describe('What the value begins with.'),
      limit: z.coerce.number().int().min(1).max(VALUES_SHOWN).default(50),
    }),
    reply: pageOf(ValueChoice),
    async run({ context, caller, query, signal }) {
      const field = fromJson(query.field, Field, 'field');
      const names = fromJson(query.events, Names, 'events', []);
      const { q: prefix = '', limit } = query;
      return { items: await valueChoices(context, caller, { field, prefix, names, limit }, signal), nextCursor: null };
    },
  }),
];
