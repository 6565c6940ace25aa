import assert from 'node:assert/strict';
import type { Context } from '../../kernel/context.ts';
import { append, processAll, sent } from '../stream/testing.ts';
import { PeopleFacts } from './facts-follow.ts';
import { factsState, traitNowSql, traitThenJoin } from './facts-sql.ts';
import { mergePersons } from './merge.ts';
import { publishOverrides } from './overrides.ts';

/** What tests do to people, and how they look at what the events store knows of them. */
export function factsOf(context: Context) {
  const follow = () => new PeopleFacts(context).catchUp();

  /** A follower whose process ends after it told the events store and before the records know. */
  async function followAndCrash(): Promise<void> {
    const crashing = {
      events: context.events,
      records: {
        ...context.records,
        transaction: <T>(work: Parameters<typeof context.records.transaction<T>>[0]) =>
          context.records.transaction<T>(async (client) => {
            await work(client);
            throw new Error('the process ends here');
          }),
      },
    };
    await assert.rejects(new PeopleFacts(crashing).catchUp(), /the process ends here/);
  }

  async function merge(intoRoot: number, fromRoot: number) {
    const made = await context.records.transaction((client) => mergePersons(client, { intoRoot, fromRoot, cause: {} }));
    await publishOverrides(context);
    return made;
  }

  async function identify(userId: string, traits: Record<string, unknown>, at: number): Promise<void> {
    await append(context, [sent({ type: 'identify', userId, traits, timestamp: new Date(at).toISOString() })]);
    await processAll(context);
  }

  async function originOf(userId: string): Promise<number> {
    const { rows } = await context.records.pool.query<{ id: number }>(
      'SELECT person_id AS id FROM identifiers WHERE value = $1',
      [userId],
    );
    return rows[0]!.id;
  }

  async function traitsNow(name: string): Promise<Map<number, string>> {
    const sql = traitNowSql('{name:String}', await factsState(context.events));
    const rows = await context.events.query<{ person_id: string; value: string }>(sql, { name });
    assert.equal(new Set(rows.map((row) => row.person_id)).size, rows.length, 'a person has one value');
    return new Map(rows.map((row) => [Number(row.person_id), row.value]));
  }

  /** The value that each person had at each time, by `person@time`. */
  async function traitsThen(name: string, persons: readonly number[], times: readonly number[]) {
    const join = { name: '{name:String}', alias: 'then', person: 'asked.person', at: 'asked.at' };
    const rows = await context.events.query<{ person: string; at: string; value: string }>(
      `SELECT asked.person AS person, toUnixTimestamp64Milli(asked.at) AS at, then.value AS value FROM (
         SELECT arrayJoin({persons:Array(UInt64)}) AS person, fromUnixTimestamp64Milli(arrayJoin({times:Array(Int64)}), 'UTC') AS at
       ) AS asked ${traitThenJoin(join, await factsState(context.events))}`,
      { name, persons, times },
    );
    assert.equal(rows.length, persons.length * times.length);
    return new Map(rows.map((row) => [`${row.person}@${row.at}`, row.value]));
  }

  /** What the records say: the values a person may be said to have had at a time; several where they have the same time. */
  async function recorded(name: string, persons: readonly number[]) {
    const { rows } = await context.records.pool.query<{ root: number; at: number; value: string | null }>(
      `SELECT p.root_id AS root, (p.traits -> $1 ->> 1)::bigint AS at, p.traits -> $1 -> 0 #>> '{}' AS value
       FROM persons p WHERE p.id = ANY ($2::bigint[]) AND p.traits ? $1
       UNION ALL SELECT p.root_id, (extract(epoch FROM h.at) * 1000)::bigint, h.value #>> '{}'
       FROM trait_history h JOIN persons p ON p.id = h.person_id WHERE h.name = $1 AND p.id = ANY ($2::bigint[])`,
      [name, persons],
    );
    return (root: number, time: number): Set<string> => {
      const before = rows.filter((row) => row.root === root && row.at <= time);
      const latest = Math.max(...before.map((row) => row.at));
      return new Set(before.filter((row) => row.at === latest).map((row) => row.value ?? ''));
    };
  }

  return { follow, followAndCrash, merge, identify, originOf, traitsNow, traitsThen, recorded };
}
