import { z } from 'zod';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../kernel/page.ts';
import { route } from '../../kernel/route.ts';
import { shortText } from '../../kernel/storable.ts';
import { eventDetail, listedEvent, personalIn, shownTo } from './detail.ts';
import { draftSchema } from './draft.ts';
import {
  addEvent,
  changeEvent,
  changeProperty,
  compare,
  eventRow,
  lastSeenOf,
  listEvents,
  namesCountingAs,
  type Place,
  placeOf,
  propertiesOf,
  STATUSES,
} from './events.ts';
import { rename, undoRename } from './names.ts';
import { NAMES_LIMIT } from './observe.ts';
import { changePlan, readPlan, restoreVersion, saveVersion, unplan } from './plan.ts';
import { EVENT_TYPES_SEEN, OwnRules, Rules } from './rules.ts';
import { CatalogueDetail, CatalogueEvent, EventName, JsonSchema, PlanReply } from './shapes.ts';
import { forgetVolumes, volumeKey, volumes } from './volumes.ts';

const Type = z.enum(EVENT_TYPES_SEEN);
const params = z.object({ name: EventName });
const ofType = z.object({ type: Type.default('track') });
const Description = shortText(2000);
const SOURCE = /^\d{1,9}$/;
const detail = { params, query: ofType, reply: CatalogueDetail } as const;

const eventRoutes = [
  route({
    method: 'GET',
    path: '/api/catalogue/events',
    summary: 'Every event that was seen or is planned',
    permission: 'catalogue.read',
    query: pageQuery.extend({
      q: shortText(200).optional().describe('Part of the name or the description.'),
      type: Type.optional(),
      status: z.enum([...STATUSES, 'renamed']).optional(),
      owner: z.string().max(100).optional().describe('A member of staff, or "none".'),
      source: z.string().regex(SOURCE).optional(),
      hidden: z.enum(['true', 'false']).default('false'),
      sort: z.enum(['volume', 'lastSeen', 'name']).default('volume'),
    }),
    reply: pageOf(CatalogueEvent),
    run: async ({ context, caller, query }) => {
      const after: Place | undefined = decodeCursor(query.cursor, z.tuple([z.number(), z.string(), z.string()]));
      const { q, type, status, owner, sort } = query;
      const sourceId = query.source === undefined ? undefined : Number(query.source);
      const all = await listEvents(context, {
        q,
        type,
        status,
        owner,
        sourceId,
        hidden: query.hidden === 'true',
        sort,
      });
      const rest = after ? all.filter((one) => compare(placeOf(one, sort), after) > 0) : all;
      const page = rest.slice(0, query.limit);
      return {
        items: shownTo(caller, page.map(listedEvent)),
        nextCursor: rest.length > page.length ? encodeCursor(placeOf(page.at(-1)!, sort)) : null,
      };
    },
  }),
  route({
    method: 'POST',
    path: '/api/catalogue/events',
    summary: 'Plan an event that has not come yet',
    permission: 'catalogue.write',
    body: z.object({
      type: z.enum(['track', 'page', 'screen']),
      name: EventName,
      description: Description.default(''),
    }),
    reply: CatalogueDetail,
    status: 201,
    run: async ({ context, caller, body }) => eventDetail(context, caller, await addEvent(context, body)),
  }),
  route({
    ...detail,
    method: 'GET',
    path: '/api/catalogue/events/{name}',
    summary: 'One event: its properties, volume, breaches of the plan, and the versions of its schema',
    permission: 'catalogue.read',
    run: async ({ context, caller, params: { name }, query: { type } }) =>
      eventDetail(context, caller, await eventRow(context, type, name)),
  }),
  route({
    ...detail,
    method: 'PATCH',
    path: '/api/catalogue/events/{name}',
    summary: 'Describe an event, give it an owner or a status, hide it',
    permission: 'catalogue.write',
    body: z.object({
      description: Description.optional(),
      ownerId: z.string().max(100).nullable().optional(),
      hidden: z.boolean().optional(),
      status: z.enum(STATUSES).optional(),
    }),
    run: async ({ context, caller, params: { name }, query: { type }, body }) => {
      await changeEvent(context, await eventRow(context, type, name), body);
      return eventDetail(context, caller, await eventRow(context, type, name));
    },
  }),
  route({
    ...detail,
    method: 'PATCH',
    path: '/api/catalogue/events/{name}/properties/{path}',
    summary: 'Describe a property, say whether it is personal, hide it',
    permission: 'catalogue.write',
    params: params.extend({ path: shortText(300).min(1) }),
    body: z.object({
      description: Description.optional(),
      hidden: z.boolean().optional(),
      personal: z.boolean().nullable().optional().describe('Null: by its name.'),
    }),
    run: async ({ context, caller, params: { name, path }, query: { type }, body }) => {
      const row = await eventRow(context, type, name);
      await changeProperty(context, row.id, path, body);
      return eventDetail(context, caller, row);
    },
  }),
  route({
    ...detail,
    method: 'POST',
    path: '/api/catalogue/events/{name}/renaming',
    summary: 'Let an event count as another from now on, also what is stored of it, in reports',
    permission: 'catalogue.write',
    body: z.object({ to: EventName }),
    run: async ({ context, caller, params: { name }, query: { type }, body }) => {
      const row = await eventRow(context, type, name);
      await rename(context, caller, row, body.to);
      forgetVolumes(context);
      return eventDetail(context, caller, await eventRow(context, type, body.to));
    },
  }),
  route({
    ...detail,
    method: 'DELETE',
    path: '/api/catalogue/events/{name}/renaming',
    summary: 'Let an event count as itself again',
    permission: 'catalogue.write',
    run: async ({ context, caller, params: { name }, query: { type } }) => {
      await undoRename(context, { type, name });
      forgetVolumes(context);
      return eventDetail(context, caller, await eventRow(context, type, name));
    },
  }),
];

const planRoutes = [
  route({
    method: 'GET',
    path: '/api/catalogue/events/{name}/draft',
    summary: 'A schema drafted from what was seen of the event',
    permission: 'catalogue.write',
    params,
    query: ofType,
    reply: z.object({ schema: JsonSchema }),
    run: async ({ context, caller, params: { name }, query: { type } }) => {
      const row = await eventRow(context, type, name);
      const [properties, names, stored] = await Promise.all([
        propertiesOf(context, row.id),
        namesCountingAs(context, row),
        volumes(context),
      ]);
      const volume = stored.get(volumeKey(type, name));
      const lastAt = volume ? lastSeenOf(row, volume) : Date.now();
      const looks = await personalIn(context, row);
      const personal = new Set(
        properties
          .filter((one) => looks.said(one.path) || (one.personal ?? looks.personal(one.path)))
          .map((one) => one.path),
      );
      const counted = properties.map(({ path, ...counts }) => ({ path, counts }));
      const event = { type, names, lastAt, observed: row.observed };
      return { schema: shownTo(caller, await draftSchema(context, event, counted, (path) => personal.has(path))) };
    },
  }),
  route({
    ...detail,
    method: 'PUT',
    path: '/api/catalogue/events/{name}/schema',
    summary: 'Plan what the event must look like, as a new version',
    permission: 'catalogue.write',
    body: z.object({
      schema: JsonSchema.describe('JSON Schema, draft 2020-12, of its properties (of identify and group: traits).'),
      rules: OwnRules.default({}).describe('What to do, where that differs from the plan.'),
      note: shortText(500).default(''),
    }),
    run: async ({ context, caller, params: { name }, query: { type }, body }) => {
      const row = await eventRow(context, type, name);
      await saveVersion(context, caller, row.id, body);
      return eventDetail(context, caller, await eventRow(context, type, name));
    },
  }),
  route({
    ...detail,
    method: 'DELETE',
    path: '/api/catalogue/events/{name}/schema',
    summary: 'Take an event out of the plan; its versions are kept',
    permission: 'catalogue.write',
    run: async ({ context, caller, params: { name }, query: { type } }) => {
      const row = await eventRow(context, type, name);
      await unplan(context, row.id);
      return eventDetail(context, caller, await eventRow(context, type, name));
    },
  }),
  route({
    ...detail,
    method: 'POST',
    path: '/api/catalogue/events/{name}/schema/versions/{version}',
    summary: 'Go back to an earlier version of the schema, by a new one that says the same',
    permission: 'catalogue.write',
    params: params.extend({ version: z.coerce.number().int().min(1).max(1_000_000) }),
    run: async ({ context, caller, params: { name, version }, query: { type } }) => {
      const row = await eventRow(context, type, name);
      await restoreVersion(context, caller, row.id, version);
      return eventDetail(context, caller, await eventRow(context, type, name));
    },
  }),
  route({
    method: 'GET',
    path: '/api/catalogue/plan',
    summary: 'What happens to events that break the plan, and which sources it holds for',
    permission: 'catalogue.read',
    reply: PlanReply,
    run: async ({ context }) => planReply(context),
  }),
  route({
    method: 'PATCH',
    path: '/api/catalogue/plan',
    summary: 'Change what happens to events that break the plan, or which sources it holds for',
    permission: 'catalogue.write',
    body: z.object({
      rules: Rules.optional(),
      sourceIds: z.array(z.string().regex(SOURCE)).max(1000).nullable().optional(),
    }),
    reply: PlanReply,
    run: async ({ context, body }) => {
      const { rules, sourceIds } = body;
      await changePlan(context, {
        ...(rules ? { rules } : {}),
        ...(sourceIds === undefined ? {} : { sources: sourceIds?.map(Number) ?? null }),
      });
      return planReply(context);
    },
  }),
  route({
    method: 'GET',
    path: '/api/catalogue/owners',
    summary: 'Members of staff who can own an event',
    permission: 'catalogue.read',
    query: pageQuery,
    reply: pageOf(z.object({ id: z.string(), name: z.string() })),
    run: async ({ context, query }) => {
      const after = decodeCursor(query.cursor, z.tuple([z.string(), z.string()])) ?? ['', ''];
      const { rows } = await context.records.pool.query<{ id: string; name: string }>(
        'SELECT id, name FROM staff_users WHERE (name, id) > ($1, $2) ORDER BY name, id LIMIT $3',
        [...after, query.limit + 1],
      );
      const items = rows.slice(0, query.limit);
      const last = items.at(-1);
      return { items, nextCursor: rows.length > items.length && last ? encodeCursor([last.name, last.id]) : null };
    },
  }),
];

async function planReply(context: Parameters<typeof readPlan>[0]): Promise<PlanReply> {
  const plan = await readPlan(context);
  const { rows } = await context.records.pool.query<{ count: number }>(
    'SELECT count(*) AS count FROM catalogue_events',
  );
  return {
    rules: plan.rules,
    sourceIds: plan.sources?.map(String) ?? null,
    names: rows[0]!.count,
    namesLimit: NAMES_LIMIT,
    otherEvents: plan.otherEvents,
  };
}

export const catalogueRoutes = [...eventRoutes, ...planRoutes];
