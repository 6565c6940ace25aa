import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { testContext } from '../../kernel/testing.ts';
import { preferences } from './module.ts';
import { choosePreferences, isTimeZone, Preferences, preferencesOf } from './preferences.ts';

const person = (id: string): Caller => ({
  kind: 'staff',
  id,
  name: id,
  email: null,
  role: 'viewer',
  permissions: new Set(),
});

let context: Context & { close(): Promise<void> };
before(async () => {
  context = await testContext({ apps: [preferences] });
});
after(() => context.close());

describe('preferences', () => {
  test('are what each person has chosen, and nothing else', async () => {
    assert.deepEqual(await preferencesOf(context, person('ada')), {});
    await choosePreferences(context, person('ada'), { density: 'compact', timeZone: 'Asia/Kathmandu' });
    await choosePreferences(context, person('ada'), { density: 'comfortable', language: 'pl' });
    await choosePreferences(context, person('ben'), { scheme: 'dark' });
    assert.deepEqual(await preferencesOf(context, person('ada')), {
      density: 'comfortable',
      timeZone: 'Asia/Kathmandu',
      language: 'pl',
    });
    assert.deepEqual(await preferencesOf(context, person('ben')), { scheme: 'dark' });
  });

  test('leave out what is no longer a choice', async () => {
    await context.records.pool.query(
      `UPDATE preferences SET chosen = chosen || '{"density": "huge", "timeZone": "Mars/Olympus", "old": 1}' WHERE owner = 'staff:ada'`,
    );
    assert.deepEqual(await preferencesOf(context, person('ada')), { language: 'pl' });
  });

  test('name time zones as the IANA database does, or leave them to the browser', () => {
    for (const zone of ['Europe/Warsaw', 'UTC', 'America/Argentina/Buenos_Aires', 'Etc/GMT+3']) {
      assert.equal(isTimeZone(zone), true, zone);
      assert.equal(Preferences.safeParse({ timeZone: zone }).success, true, zone);
    }
    for (const zone of ['', 'Mars/Olympus', '+02:00', 'Europe/Warsaw\0', '<script>', 'x'.repeat(65)]) {
      assert.equal(Preferences.safeParse({ timeZone: zone }).success, false, zone);
    }
    assert.equal(Preferences.safeParse({ timeZone: 'auto' }).success, true);
    assert.equal(Preferences.safeParse({ density: 'tiny' }).success, false);
  });
});
