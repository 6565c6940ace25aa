import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { forgetPersonalFields } from './personal.ts';
import { bumpRevision } from './plan.ts';
import { forgetVolumes, LIST_DAYS, type Volume, volumeKey, volumes } from './volumes.ts';

export const STATUSES = ['seen', 'planned', 'deprecated'] as const;
export type Status = (typeof STATUSES)[number];

/** An event of the catalogue, as its row says. */
export interface EventRow {
  id: number;
  type: string;
  name: string;
  description: string;
  ownerId: string | null;
  ownerName: string | null;
  hidden: boolean;
  status: Status;
  version: number | null;
  observed: number;
  others: number;
  firstSeen: Date | null;
  lastSeen: Date | null;
  /** What it counts as, where that is another. */
  countsAs: string | null;
}

const SELECT = `SELECT e.id, e.type, e.name, e.description, e.owner_id AS "ownerId", u.name AS "ownerName", e.hidden, e.status,
    e.version, e.observed, e.others, e.first_seen AS "firstSeen", e.last_seen AS "lastSeen", n.canonical AS "countsAs"
  FROM catalogue_events e LEFT JOIN staff_users u ON u.id = e.owner_id
  LEFT JOIN catalogue_names n ON n.type = e.type AND n.name = e.name`;

/** What the list shows of one event: its row and what is stored of it. */
export interface Listed {
  row: EventRow;
  volume: Volume;
  violations: number;
}

export interface Wanted {
  q: string | undefined;
  type: string | undefined;
  status: Status | 'renamed' | undefined;
  /** A member of staff; `none` for events that nobody owns. */
  owner: string | undefined;
  sourceId: number | undefined;
  hidden: boolean;
  sort: 'volume' | 'lastSeen' | 'name';
}

const NOTHING: Volume = { events: 0, days: new Array<number>(LIST_DAYS).fill(0), firstAt: 0, lastAt: 0, sources: [] };

/** All events that are wanted, sorted. At most the catalogue's limit of names, so they are sorted here. */
export async function listEvents(context: Context, wanted: Wanted): Promise<Listed[]> {
  const [rows, stored, violations] = await Promise.all([
    context.records.pool.query<EventRow>(
      `${SELECT} WHERE e.hidden = $1 AND ($2::text IS NULL OR e.type = $2) AND ($3::text IS NULL OR
         CASE $3 WHEN 'renamed' THEN n.canonical IS NOT NULL ELSE e.status = $3 AND n.canonical IS NULL END)
       AND ($3 = 'renamed' OR n.canonical IS NULL)
       AND ($4::text IS NULL OR coalesce(e.owner_id, 'none') = $4)
       AND ($5::text IS NULL OR position($5 IN lower(e.name)) > 0 OR position($5 IN lower(e.description)) > 0)`,
      [
        wanted.hidden,
        wanted.type ?? null,
        wanted.status ?? null,
        wanted.owner ?? null,
        wanted.q?.trim().toLowerCase() || null,
      ],
    ),
    volumes(context, wanted.sourceId),
    violationCounts(context),
  ]);
  const listed = rows.rows
    .map((row) => ({
      row,
      volume: stored.get(volumeKey(row.type, row.name)) ?? NOTHING,
      violations: violations.get(volumeKey(row.type, row.name)) ?? 0,
    }))
    .filter((one) => wanted.sourceId === undefined || one.volume.events > 0);
  return listed.sort((a, b) => compare(placeOf(a, wanted.sort), placeOf(b, wanted.sort)));
}

/** Where an event stands in the list, the first smallest. */
export type Place = [number, string, string];

export function placeOf({ row, volume }: Listed, sort: Wanted['sort']): Place {
  const by = sort === 'volume' ? -recent(volume) : sort === 'lastSeen' ? -lastSeenOf(row, volume) : 0;
  return [by, row.name.toLowerCase(), `${row.type} ${row.name}`];
}

export function compare(a: Place, b: Place): number {
  return a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : a[2] < b[2] ? -1 : a[2] > b[2] ? 1 : 0);
}

const recent = (volume: Volume) => volume.days.reduce((sum, day) => sum + day, 0);

/** When it was last seen: by the events stored where there are any, else as it came by. Milliseconds; 0 for never. */
export const lastSeenOf = (row: EventRow, volume: Volume) =>
  volume.events > 0 ? volume.lastAt : (row.lastSeen?.getTime() ?? 0);
export const firstSeenOf = (row: EventRow, volume: Volume) =>
  volume.events > 0 ? volume.firstAt : (row.firstSeen?.getTime() ?? 0);

async function violationCounts(context: Context): Promise<Map<string, number>> {
  const { rows } = await context.records.pool.query<{ type: string; name: string; count: number }>(
    `SELECT type, name, sum(count)::bigint AS count FROM catalogue_violations
     WHERE day > (now() AT TIME ZONE 'UTC')::date - ${LIST_DAYS} GROUP BY type, name`,
  );
  return new Map(rows.map((row) => [volumeKey(row.type, row.name), row.count]));
}

/** One event of the catalogue; refuses with 404 where there is none. */
export async function eventRow(context: Pick<Context, 'records'>, type: string, name: string): Promise<EventRow> {
  const { rows } = await context.records.pool.query<EventRow>(`${SELECT} WHERE e.type = $1 AND e.name = $2`, [
    type,
    name,
  ]);
  if (!rows[0]) throw refuse.notFound(`The catalogue has no ${type} event "${name}".`);
  return rows[0];
}

/** The stored names that count as an event, its own first. */
export async function namesCountingAs(
  context: Context,
  { type, name }: { type: string; name: string },
): Promise<string[]> {
  const { rows } = await context.records.pool.query<{ name: string }>(
    'SELECT name FROM catalogue_names WHERE type = $1 AND canonical = $2 ORDER BY name',
    [type, name],
  );
  return [name, ...rows.map((row) => row.name)];
}

/** Writes an event down that has not come yet, as planned. Refuses with 409 where there is one of the name. */
export async function addEvent(
  context: Context,
  event: { type: string; name: string; description: string },
): Promise<EventRow> {
  await context.records.transaction(async (client) => {
    const { rowCount } = await client.query(
      `INSERT INTO catalogue_events (type, name, description, status) VALUES ($1, $2, $3, 'planned') ON CONFLICT DO NOTHING`,
      [event.type, event.name, event.description],
    );
    if (!rowCount) throw refuse.conflict(`The catalogue has a ${event.type} event "${event.name}" already.`);
    await bumpRevision(client);
  });
  return eventRow(context, event.type, event.name);
}

/** Changes what is given. Refuses with 400 for an owner who is not a member of staff. */
export async function changeEvent(
  context: Context,
  row: EventRow,
  change: { description?: string; ownerId?: string | null; hidden?: boolean; status?: Status },
): Promise<void> {
  await context.records.transaction(async (client) => {
    if (change.ownerId) {
      const { rowCount } = await client.query('SELECT 1 FROM staff_users WHERE id = $1', [change.ownerId]);
      if (!rowCount) throw refuse.invalid('ownerId: there is no such member of staff.');
    }
    const owner = change.ownerId === undefined ? row.ownerId : change.ownerId;
    await client.query(
      `UPDATE catalogue_events SET description = coalesce($2, description), owner_id = $3, hidden = coalesce($4, hidden),
         status = coalesce($5, status) WHERE id = $1`,
      [row.id, change.description ?? null, owner, change.hidden ?? null, change.status ?? null],
    );
    if (change.status) await bumpRevision(client);
  });
  forgetVolumes(context);
}

export interface PropertyRow {
  path: string;
  description: string;
  hidden: boolean;
  personal: boolean | null;
  firstSeen: Date;
  lastSeen: Date;
  strings: number;
  integers: number;
  numbers: number;
  booleans: number;
  arrays: number;
  objects: number;
  nulls: number;
}

/** The properties seen of an event, by path; at most the limit on properties. */
export async function propertiesOf(context: Context, eventId: number): Promise<PropertyRow[]> {
  const { rows } = await context.records.pool.query<PropertyRow>(
    `SELECT path, description, hidden, personal, first_seen AS "firstSeen", last_seen AS "lastSeen",
       strings, integers, numbers, booleans, arrays, objects, nulls
     FROM catalogue_properties WHERE event_id = $1 ORDER BY path COLLATE "C"`,
    [eventId],
  );
  return rows;
}

/** Changes what is given of a property; refuses with 404 where the event was never seen with it. */
export async function changeProperty(
  context: Context,
  eventId: number,
  path: string,
  change: { description?: string; hidden?: boolean; personal?: boolean | null },
): Promise<void> {
  const { rowCount } = await context.records.pool.query(
    `UPDATE catalogue_properties SET description = coalesce($3, description), hidden = coalesce($4, hidden),
       personal = CASE WHEN $6 THEN $5 ELSE personal END WHERE event_id = $1 AND path = $2`,
    [
      eventId,
      path,
      change.description ?? null,
      change.hidden ?? null,
      change.personal ?? null,
      change.personal !== undefined,
    ],
  );
  if (!rowCount) throw refuse.notFound(`This event has no property "${path}".`);
  forgetPersonalFields(context);
}
