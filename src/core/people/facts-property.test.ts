import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { Context } from '../../kernel/context.ts';
import { testContext } from '../../kernel/testing.ts';
import { core } from '../index.ts';
import { append, processAll, sent } from '../stream/testing.ts';
import { factsOf } from './facts.testing.ts';
import { factsState, personOfOrigin } from './facts-sql.ts';
import { undoMerge } from './merges.ts';
import { foldOverrides } from './overrides.ts';

let context: Context & { close(): Promise<void> };
let facts: ReturnType<typeof factsOf>;
before(async () => {
  context = await testContext({ apps: core });
  facts = factsOf(context);
});
after(() => context.close());

const START = Date.parse('2026-01-01T00:00:00Z');

const value = fc.constantFrom<unknown>('red', 'green', 'blue', 7, true, null, '');
/** One thing that happens to four people; numbers choose among what there is then. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('set' as const), who: fc.nat(3), value, at: fc.nat(12) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('merge' as const), into: fc.nat(9), from: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ what: fc.constant('undo' as const), which: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('fold' as const) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('follow' as const), crash: fc.boolean() }) },
);

test('whatever is set, merged, undone and folded, and whenever it is told: traits are and were what the records say', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 16 }), async (steps) => {
      run++;
      const users = [0, 1, 2, 3].map((n) => `property-${run}-${n}`);
      await append(
        context,
        users.map((userId) => sent({ type: 'identify', userId, traits: { base: userId } })),
      );
      await processAll(context);
      const persons = await Promise.all(users.map(facts.originOf));
      const roots = async () => {
        const { rows } = await context.records.pool.query<{ root_id: number }>(
          'SELECT DISTINCT root_id FROM persons WHERE id = ANY ($1::bigint[]) ORDER BY 1',
          [persons],
        );
        return rows.map((row) => row.root_id);
      };
      const standing: number[] = [];
      for (const one of steps) {
        const now = await roots();
        if (one.what === 'set') await facts.identify(users[one.who]!, { mood: one.value }, START + one.at);
        else if (one.what === 'merge' && now.length > 1) {
          const into = now[one.into % now.length]!;
          const others = now.filter((root) => root !== into);
          standing.push((await facts.merge(into, others[one.from % others.length]!)).id);
        } else if (one.what === 'undo' && standing.length > 0) {
          const [id] = standing.splice(one.which % standing.length, 1);
          await undoMerge(context, id!, 'x');
        } else if (one.what === 'fold') await foldOverrides(context, { olderThanMs: 0 });
        else if (one.what === 'follow' && one.crash) {
          const { rows } = await context.records.pool.query(
            'SELECT 1 FROM people_facts_changed UNION ALL SELECT 1 FROM people_facts_replaced LIMIT 1',
          );
          if (rows.length > 0) await facts.followAndCrash();
        } else if (one.what === 'follow') await facts.follow();
      }
      await facts.follow();
      const says = await facts.recorded('mood', persons);
      const ends = await roots();
      const now = await facts.traitsNow('mood');
      const times = Array.from({ length: 14 }, (_, n) => START - 1 + n);
      const then = await facts.traitsThen('mood', ends, times);
      for (const root of ends) {
        const may = says(root, Number.MAX_SAFE_INTEGER);
        const is = now.get(root);
        // No row stands for null, which the records' text has as empty, and for what was never set.
        assert.ok(is === undefined ? may.size === 0 || may.has('') : may.has(is), `${root}: ${is} of ${[...may]}`);
        for (const time of times) {
          const could = says(root, time);
          const was = then.get(`${root}@${time}`)!;
          assert.ok(could.size === 0 ? was === '' : could.has(was), `${root}@${time}: ${was} of ${[...could]}`);
        }
      }
      for (const person of persons.filter((id) => !ends.includes(id))) assert.equal(now.has(person), false);
      const [people] = await context.events.query<{ n: string }>(
        `SELECT uniqExact(${personOfOrigin((await factsState(context.events)).overrides)}) AS n FROM people_known
         WHERE origin_id IN {persons:Array(UInt64)}`,
        { persons },
      );
      assert.equal(Number(people!.n), ends.length);
    }),
    { numRuns: 12 },
  );
});
