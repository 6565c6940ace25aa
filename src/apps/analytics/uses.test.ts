import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { usesOf } from '../../core/audiences/audience.ts';
import { core } from '../../core/index.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { testContext } from '../../kernel/testing.ts';
import { apps } from '../index.ts';
import { actionUses } from './actions.ts';

let context: Context & { close(): Promise<void> };
before(async () => {
  context = await testContext({ apps: [...core, ...apps] });
});
after(() => context.close());

const caller: Caller = { kind: 'staff', id: '1', name: 'Ada', email: null, role: 'owner', permissions: new Set() };

it('an audience knows the saved reports that name it, and an action the audiences', async () => {
  const report = {
    kind: 'trend',
    series: [{ what: { events: [{}] } }],
    filter: { field: { of: 'audience', id: 7 }, is: 'is', values: ['true'] },
  };
  await context.records.pool.query(
    `INSERT INTO analytics_saved (kind, name, description, content, owner, owner_name, shared, changed_by) VALUES
     ('report', 'Orders of friends', '', $1, 'staff:1', 'Ada', true, 'Ada'), ('report', 'Mine', '', $1, 'staff:2', 'Eve', false, 'Eve'),
     ('report', 'Another', '', '{"field":{"of":"audience","id":8}}', 'staff:1', 'Ada', true, 'Ada')`,
    [JSON.stringify({ report })],
  );
  assert.deepEqual(
    (await usesOf(context, 7)).map(({ kind, name }) => [kind, name]),
    [
      ['report', 'Orders of friends'],
      ['report', ''],
    ],
  );
  const did = { is: 'did', what: { events: [{ action: 3 }] }, count: { of: 'times' }, compare: 'atLeast', value: 1 };
  await context.records.pool.query(
    `INSERT INTO audiences (name, definition, owner_id, owner_name) VALUES ('Buyers', $1, '1', 'Ada')`,
    [JSON.stringify({ is: 'dynamic', who: { all: [did] } })],
  );
  assert.deepEqual(
    (await actionUses(context, caller, 3)).map(({ kind, name }) => [kind, name]),
    [['audience', 'Buyers']],
  );
  assert.deepEqual(await actionUses(context, caller, 4), []);
});
