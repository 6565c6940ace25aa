import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { hideIn } from '../people/hide.ts';
import {
  type EventRow,
  firstSeenOf,
  type Listed,
  lastSeenOf,
  namesCountingAs,
  type PropertyRow,
  propertiesOf,
} from './events.ts';
import { looksPersonal, personalFields } from './personal.ts';
import { versionsOf } from './plan.ts';
import type { Rule } from './rules.ts';
import { examplesOf } from './samples.ts';
import type { CatalogueDetail, CatalogueEvent, CatalogueProperty } from './shapes.ts';
import { LIST_DAYS, type Volume, volumeByDay, volumeKey, volumes } from './volumes.ts';

const DETAIL_DAYS = 30;
const BROKEN_SHOWN = 500;

export function listedEvent({ row, volume, violations }: Listed): CatalogueEvent {
  const time = (milliseconds: number) => (milliseconds === 0 ? null : new Date(milliseconds).toISOString());
  return {
    type: row.type,
    name: row.name,
    description: row.description,
    owner: row.ownerId === null ? null : { id: row.ownerId, name: row.ownerName ?? row.ownerId },
    hidden: row.hidden,
    status: row.status,
    countsAs: row.countsAs,
    events: volume.events,
    days: volume.days,
    violations,
    firstSeenAt: time(firstSeenOf(row, volume)),
    lastSeenAt: time(lastSeenOf(row, volume)),
    sourceIds: volume.sources.map(String),
  };
}

/** All that is known of one event. Example values only for who may read events. */
export async function eventDetail(context: Context, caller: Caller, row: EventRow): Promise<CatalogueDetail> {
  const [names, stored, properties, versions, broken] = await Promise.all([
    namesCountingAs(context, row),
    volumes(context),
    propertiesOf(context, row.id),
    versionsOf(context, row.id),
    brokenOf(context, row),
  ]);
  const volume: Volume = stored.get(volumeKey(row.type, row.name)) ?? {
    events: 0,
    days: new Array<number>(LIST_DAYS).fill(0),
    firstAt: 0,
    lastAt: 0,
    sources: [],
  };
  const looks = await personalIn(context, row);
  const isPersonal = new Map(properties.map((one) => [one.path, one.personal ?? looks.personal(one.path)]));
  const examples =
    volume.events > 0 && caller.permissions.has('events.read')
      ? await examplesOf(context, { type: row.type, names, lastAt: volume.lastAt }, (path) => {
          // What lies in a personal object is personal with it.
          const outer = path.split(/\.|\[\]/)[0]!;
          // What customers say is no example, as nobody looks whose it is.
          if (looks.said(path)) return true;
          return (isPersonal.get(path) ?? looks.personal(path)) || (isPersonal.get(outer) ?? false);
        })
      : new Map<string, string[]>();
  const days = await volumeByDay(
    context,
    names.map((name) => ({ type: row.type, name })),
    DETAIL_DAYS,
  );
  const detail = {
    ...listedEvent({ row, volume, violations: broken.filter(isRecent).reduce((sum, one) => sum + one.count, 0) }),
    observed: row.observed,
    others: row.others,
    alsoNamed: names.slice(1),
    version: row.version,
    properties: properties.map((property) => ({
      ...shownProperty(property, row.observed, examples),
      personal: isPersonal.get(property.path)!,
    })),
    volume: days,
    broken,
    versions: versions.map((version) => ({ ...version, at: version.at.toISOString() })),
  };
  return shownTo(caller, detail);
}

/** Free texts and names hold addresses of people too; roles that do not see personal data see that there is one. */
export const shownTo = <T>(caller: Caller, value: T): T =>
  caller.hidesPersonalData ? (hideIn(value, () => false) as T) : value;

function isRecent({ day }: { day: string }): boolean {
  return Date.parse(day) > Date.now() - LIST_DAYS * 86_400_000;
}

/** What is taken for personal in an event where nobody has said, and for what customers say. */
export async function personalIn(context: Context, { type, name }: { type: string; name: string }) {
  const fields = await personalFields(context);
  const said = (path: string) => type === 'track' && (fields.said.get(name)?.has(path) ?? false);
  return { said, personal: (path: string) => said(path) || looksPersonal(path) };
}

function shownProperty(
  row: PropertyRow,
  observed: number,
  examples: Map<string, string[]>,
): Omit<CatalogueProperty, 'personal'> {
  const { strings, integers, numbers, booleans, arrays, objects, nulls } = row;
  const counts = {
    string: strings,
    integer: integers,
    number: numbers,
    boolean: booleans,
    array: arrays,
    object: objects,
    null: nulls,
  };
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return {
    path: row.path,
    description: row.description,
    hidden: row.hidden,
    personalBy: row.personal === null ? 'name' : 'mark',
    firstSeenAt: row.firstSeen.toISOString(),
    lastSeenAt: row.lastSeen.toISOString(),
    types: Object.entries(counts)
      .filter(([, count]) => count > 0)
      .sort((a, b) => b[1] - a[1])
      .map(([type, count]) => ({ type, share: count / total })),
    share: row.path.includes('[].') || observed === 0 ? null : Math.min(1, total / observed),
    examples: examples.get(row.path) ?? [],
  };
}

async function brokenOf(context: Context, { type, name }: EventRow): Promise<CatalogueDetail['broken']> {
  const { rows } = await context.records.pool.query<{
    day: string;
    rule: Rule;
    property: string;
    sourceId: number;
    count: number;
    lastAt: Date;
    messageId: string;
  }>(
    `SELECT day::text, rule, property, source_id AS "sourceId", count, last_at AS "lastAt", message_id AS "messageId"
     FROM catalogue_violations WHERE type = $1 AND name = $2 AND day > (now() AT TIME ZONE 'UTC')::date - ${DETAIL_DAYS}
     ORDER BY last_at DESC LIMIT ${BROKEN_SHOWN}`,
    [type, name],
  );
  return rows.map((row) => ({ ...row, sourceId: String(row.sourceId), lastAt: row.lastAt.toISOString() }));
}
