import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Context } from '../../kernel/context.ts';
import { addJob } from '../../kernel/jobs.ts';
import { Refusal } from '../../kernel/refusal.ts';
import { runJobs, testContext } from '../../kernel/testing.ts';
import { core } from '../index.ts';
import { listPeople } from '../people/list.ts';
import { mergeByHand } from '../people/merges.ts';
import { append, processAll, sent } from '../stream/testing.ts';
import { consentOfPerson, recordConsent } from './consents.ts';
import { requestErasure, runErasure } from './erasure.ts';
import { exportById, exportFile, requestExport } from './exports.ts';
import { LEDGER_FILE } from './ledger.ts';
import { mentionsOf } from './mention.ts';
import { createPurpose, PURPOSES_LIMIT, purposes, updatePurpose } from './purposes.ts';
import { restrict, restrictions, unrestrict } from './restrictions.ts';
import { applyRetention, previewRule, RULES_LIMIT, setRule } from './retention.ts';
import { replayLedger } from './start.ts';
import { listSuppressed, suppressIdentifier } from './suppression.ts';
import { publishText } from './texts.ts';

let context: Context & { close(): Promise<void> };
before(async () => {
  context = await testContext({ apps: core });
  await context.records.pool.query(
    "INSERT INTO sources (name, kind, write_key) VALUES ('Shop', 'server', 'wk_test_privacy')",
  );
});
after(() => context.close());

const put = async (...events: Parameters<typeof sent>[0][]) => {
  await append(context, events.map(sent));
  await processAll(context);
};
const personOf = async (value: string) => {
  const { rows } = await context.records.pool.query<{ id: number }>(
    'SELECT p.root_id AS id FROM persons p JOIN identifiers i ON i.person_id = p.id WHERE i.value = $1',
    [value],
  );
  return rows[0]!.id;
};
const refused = (status: number, says: RegExp) => (error: unknown) =>
  error instanceof Refusal && error.status === status && says.test(error.message);

test('an installation begins with four purposes; only a basis of consent needs consent', async () => {
  const found = await purposes(context);
  assert.deepEqual(
    found.map((one) => [one.key, one.legalBasis, one.needsConsent]),
    [
      ['analytics', 'consent', true],
      ['marketing', 'consent', true],
      ['personalisation', 'consent', true],
      ['service', 'contract', false],
    ],
  );
});

test('a purpose is changed and archived, its key is taken once, and there are not more than can be overseen', async () => {
  const input = { key: 'security', name: 'Security', description: '', legalBasis: 'legitimate_interest' as const };
  assert.equal((await createPurpose(context, input)).needsConsent, false);
  await assert.rejects(createPurpose(context, input), refused(409, /already/));
  const changed = await updatePurpose(context, 'security', { legalBasis: 'consent', archived: true });
  assert.deepEqual([changed.needsConsent, changed.archived, changed.name], [true, true, 'Security']);
  await assert.rejects(updatePurpose(context, 'nothing', {}), refused(404, /no purpose/));
  for (let n = 5; n < PURPOSES_LIMIT; n++) await createPurpose(context, { ...input, key: `more-${n}` });
  await assert.rejects(createPurpose(context, { ...input, key: 'one-too-many' }), refused(409, /the most/));
  await context.records.pool.query("DELETE FROM privacy_purposes WHERE key LIKE 'more-%'");
});

test('consent told by events is kept with where and when, and a repeated telling adds nothing', async () => {
  await publishText(context, { purpose: 'analytics', version: '2', language: 'pl', body: 'Zgadzam się na analizę.' });
  const consent = (analytics: boolean, marketing: boolean) => ({
    consent: { categoryPreferences: { analytics, marketing } },
    page: { url: 'https://shop.example/start' },
  });
  await put(
    { userId: 'cora', event: 'Looked', context: consent(true, false), timestamp: '2026-03-01T10:00:00Z' },
    { userId: 'cora', event: 'Looked', context: consent(true, false), timestamp: '2026-03-01T11:00:00Z' },
    {
      userId: 'cora',
      event: 'Consent Updated',
      messageId: 'cora-consent',
      properties: { purposes: { analytics: true, marketing: true }, textVersion: '2', language: 'pl' },
      timestamp: '2026-03-02T10:00:00Z',
    },
  );
  const { purposes: now, history } = await consentOfPerson(context, await personOf('cora'));
  assert.deepEqual(
    history.map((one) => [one.at.slice(0, 13), one.purpose, one.granted, one.how, one.textVersion, one.text]),
    [
      ['2026-03-02T10', 'marketing', true, 'event', '2', null],
      ['2026-03-02T10', 'analytics', true, 'event', '2', 'Zgadzam się na analizę.'],
      ['2026-03-01T10', 'marketing', false, 'event', null, null],
      ['2026-03-01T10', 'analytics', true, 'event', null, null],
    ].sort((a, b) => String(b[0]).localeCompare(String(a[0]))),
  );
  assert.equal(history[0]!.proof, 'cora-consent');
  assert.equal(history.at(-1)!.url, 'https://shop.example/start');
  assert.deepEqual(now.find((one) => one.key === 'marketing')!.granted, true);
});

test('consent that a colleague enters counts, and a later telling of the person counts again', async () => {
  const cora = await personOf('cora');
  await recordConsent(context, cora, { purpose: 'analytics', granted: false, how: 'staff', by: 'Dora' });
  const granted = async () =>
    (await consentOfPerson(context, cora)).purposes.find((one) => one.key === 'analytics')!.granted;
  assert.equal(await granted(), false);
  await assert.rejects(
    recordConsent(context, cora, { purpose: 'analytics', granted: true, how: 'staff', by: 'Dora', textVersion: '99' }),
    refused(400, /no text of the version/),
  );
  await assert.rejects(
    recordConsent(context, cora, {
      purpose: 'analytics',
      granted: true,
      how: 'staff',
      by: 'D',
      at: new Date('2999-01-01'),
    }),
    refused(400, /future/),
  );
  await put({ userId: 'cora', event: 'Looked', context: { consent: { categoryPreferences: { analytics: true } } } });
  assert.equal(await granted(), true);
});

test('a published text is never changed', async () => {
  const text = { purpose: 'analytics', version: '2', language: 'pl', body: 'Inaczej.' };
  await assert.rejects(publishText(context, text), refused(409, /new version/));
  assert.equal((await publishText(context, { ...text, version: '3' })).version, '3');
});

test('a restricted person is kept, not offered, and stays restricted when merged; an objection is for one purpose', async () => {
  await put({ anonymousId: 'rita', event: 'Looked' }, { userId: 'rolf', event: 'Looked' });
  const [rita, rolf] = [await personOf('rita'), await personOf('rolf')];
  await restrict(context, rita, { purpose: '', reason: 'disputes her address', by: 'Dora' });
  await restrict(context, rita, { purpose: 'marketing', reason: '', by: 'Dora' });
  await assert.rejects(
    restrict(context, rita, { purpose: 'nothing', reason: '', by: 'Dora' }),
    refused(404, /purpose/),
  );
  const listed = async () => (await listPeople(context, { limit: 50 })).items.map((one) => Number(one.id));
  assert.ok(!(await listed()).includes(rita) && (await listed()).includes(rolf));
  await mergeByHand(context, { intoId: rolf, fromId: rita, by: 'Dora' });
  const standing = (await restrictions(context, [rolf])).get(rolf)!;
  assert.deepEqual([standing.restricted, [...standing.objections]], [true, ['marketing']]);
  await unrestrict(context, rolf, '');
  assert.equal((await restrictions(context, [rolf])).get(rolf)!.restricted, false);
  await assert.rejects(unrestrict(context, rolf, ''), refused(404, /nothing to take back/));
});

test('an archive holds everything about a person, as JSON and as a page, and nothing about others; it expires', async () => {
  const hostile = '<script>alert(1)</script>';
  await put(
    { type: 'identify', userId: 'elsa', traits: { name: hostile, email: 'elsa@example.com' } },
    { type: 'identify', userId: 'elsa', traits: { name: 'Elsa' } },
    { userId: 'elsa', event: 'Bought', properties: { sku: hostile } },
    { userId: 'elsa', event: 'Late', timestamp: 'no time' },
    { userId: 'otto', event: 'Bought', properties: { sku: 'of-otto' } },
  );
  const made = await requestExport(context, await personOf('elsa'), { language: 'pl', by: 'Dora' });
  await assert.rejects(exportFile(context, made.id), refused(409, /being made/));
  await runJobs(context, core);
  const done = (await exportById(context, made.id))!;
  assert.equal(done.state, 'done');
  const answer = await exportFile(context, made.id);
  const dir = mkdtempSync(join(tmpdir(), 'throughline-archive-'));
  try {
    writeFileSync(join(dir, 'person.zip'), Buffer.from(await answer.arrayBuffer()));
    execFileSync('python3', ['-m', 'zipfile', '-e', 'person.zip', '.'], { cwd: dir });
    const json = (file: string) =>
      JSON.parse(readFileSync(join(dir, `${file}.json`), 'utf8')) as Record<string, unknown>[];
    assert.deepEqual(
      json('events')
        .map((event) => event.type)
        .sort(),
      ['identify', 'identify', 'track'],
    );
    assert.deepEqual(
      json('identifiers')
        .map((one) => one.value)
        .sort(),
      ['elsa', 'elsa@example.com'],
    );
    assert.deepEqual(json('traits').find((trait) => trait.name === 'name')!.value, 'Elsa');
    assert.deepEqual(
      json('earlier-traits').map((trait) => trait.value),
      [hostile],
    );
    assert.equal(json('quarantine').length, 1);
    const page = readFileSync(join(dir, 'index.html'), 'utf8');
    assert.match(page, /<html lang="pl">/);
    assert.ok(page.includes('Co się wydarzyło') && page.includes('elsa@example.com'));
    assert.ok(!page.includes('<script') && page.includes('&lt;script&gt;'));
    assert.doesNotMatch(page, /of-otto|https?:\/\//);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  await context.records.pool.query("UPDATE privacy_exports SET expires_at = now() - interval '1 second'");
  await addJob(context.records.pool, 'privacy.expire', {});
  await runJobs(context, core);
  await assert.rejects(exportFile(context, made.id), refused(409, /not there any more/));
  assert.equal(await context.blobs.size(`exports-of-persons/${made.id}/person.zip`), null);
});

test('rules of retention remove what is older, by name and source, and say before what they would remove', async () => {
  const day = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
  await put(
    ...[400, 300, 100, 10].flatMap((days) => [
      { userId: `keep-${days}`, event: "Heart'beat", timestamp: day(days) },
      { userId: `keep-${days}`, event: 'Paid', timestamp: day(days) },
    ]),
  );
  const rule = { eventName: "Heart'beat", sourceId: null, days: 90 };
  assert.deepEqual((({ events, people }) => ({ events, people }))(await previewRule(context, rule)), {
    events: 3,
    people: 3,
  });
  await setRule(context, { ...rule, days: 50 });
  const made = await setRule(context, rule);
  await setRule(context, { eventName: 'Paid', sourceId: 77, days: 1 });
  assert.equal(await applyRetention(context), 3);
  const count = async (name: string) =>
    Number(
      (
        await context.events.query<{ n: string }>('SELECT count() AS n FROM events WHERE name = {name:String}', {
          name,
        })
      )[0]!.n,
    );
  assert.deepEqual([await count("Heart'beat"), await count('Paid')], [1, 4]);
  await setRule(context, { eventName: null, sourceId: null, days: 200 });
  assert.equal(await applyRetention(context), 5, 'two payments, and what Cora did in March');
  assert.deepEqual([await count("Heart'beat"), await count('Paid')], [1, 2]);
  const { rows } = await context.records.pool.query('SELECT removed FROM privacy_retention WHERE id = $1', [made.id]);
  assert.equal(rows[0].removed, 3);
  await context.records.pool.query(
    `INSERT INTO privacy_retention (event_name, days) SELECT 'rule ' || n, 5 FROM generate_series(4, ${RULES_LIMIT}) n`,
  );
  await assert.rejects(setRule(context, { eventName: 'one more', sourceId: null, days: 5 }), refused(409, /the most/));
  await context.records.pool.query('DELETE FROM privacy_retention');
});

test('an identifier is kept out by hand, unless somebody known has it; the list shows no identifier', async () => {
  const entry = await suppressIdentifier(context, 'email', 'Never@Example.com', 'Dora');
  assert.match(entry.hash, /^[0-9a-f]{64}$/);
  await assert.rejects(suppressIdentifier(context, 'user_id', 'cora', 'Dora'), refused(409, /is known/));
  await assert.rejects(suppressIdentifier(context, 'email', 'no address', 'Dora'), refused(400, /could name/));
  await assert.rejects(suppressIdentifier(context, 'shoe', '42', 'Dora'), refused(404, /no kind/));
  await put({ userId: 'newcomer', event: 'Looked', context: { traits: { email: 'never@example.com' } } });
  await assert.rejects(personOf('newcomer'));
  const { items } = await listSuppressed(context, { limit: 50 });
  assert.ok(!JSON.stringify(items).includes('example.com'));
});

test('identifiers are found however they are written, and not in words that only look like them', async () => {
  const subject = {
    origins: [],
    identifiers: [
      { kind: 'email', value: 'anna@example.com' },
      { kind: 'phone', value: '+48600123999' },
      { kind: 'user_id', value: '7' },
    ],
  };
  const mentions = await mentionsOf(context.records, subject);
  const found = [
    '{"traits":{"email":"Anna@Example.COM"}}',
    '{"phone":"+48 600 123 999"}',
    '{"userId":"7"}',
    '{"userId":7}',
    '{"note":"write to anna@example.com, please"}',
    'a line; anna@example.com; 12',
  ];
  const others = ['{"price":7}', '{"sku":"7"}', '{"email":"joanna@example.com"}', '{"n":"600123999"}', 'row 7 of 9'];
  assert.deepEqual(
    found.map((text) => mentions.in(text)),
    found.map(() => true),
  );
  assert.deepEqual(
    others.map((text) => mentions.in(text)),
    others.map(() => false),
  );
  const { rows } = await context.records.pool.query<{ hit: boolean }>(
    'SELECT t ~* $2 AS hit FROM unnest($1::text[]) t',
    [found, mentions.pattern],
  );
  assert.deepEqual(
    rows.map((row) => row.hit),
    found.map(() => true),
  );
});

test('a database restored from before an erasure forgets again at the next start', async () => {
  await put(
    { type: 'identify', userId: 'back-again', traits: { email: 'back@example.com' } },
    { userId: 'back-again', event: 'Paid' },
  );
  const person = await personOf('back-again');
  const backup: Record<string, unknown[]> = {};
  for (const table of ['persons', 'identifiers']) {
    backup[table] = (
      await context.records.pool.query(
        `SELECT to_jsonb(t) AS row FROM ${table} t WHERE ${table === 'persons' ? 'id' : 'person_id'} = $1`,
        [person],
      )
    ).rows.map((row) => row.row);
  }
  await context.events.command(`CREATE TABLE kept AS events`);
  await context.events.command(`INSERT INTO kept SELECT * FROM events WHERE origin_id = ${person}`);
  const erasure = await requestErasure(context, person, 'Dora');
  await runErasure(context, core, erasure.id, { last: false });
  assert.equal(await replayLedger(context), 0, 'nothing came back yet');
  assert.doesNotMatch(readFileSync(join(context.config.dataDir, LEDGER_FILE), 'utf8'), /back-again|back@example/);
  // The backup is restored: people and events are there again, the erasure and the suppression list know nothing.
  for (const [table, rows] of Object.entries(backup)) {
    for (const row of rows)
      await context.records.pool.query(`INSERT INTO ${table} SELECT * FROM jsonb_populate_record(NULL::${table}, $1)`, [
        JSON.stringify(row),
      ]);
  }
  await context.events.command('INSERT INTO events SELECT * FROM kept');
  await context.records.pool.query('DELETE FROM privacy_erasures');
  await context.records.pool.query('DELETE FROM privacy_suppressed');
  assert.equal(await replayLedger(context), 1);
  await runJobs(context, core);
  await assert.rejects(personOf('back-again'));
  const [row] = await context.events.query<{ n: string }>(
    `SELECT count() AS n FROM events WHERE origin_id = ${person}`,
  );
  assert.equal(row!.n, '0');
  await put({ userId: 'back-again', event: 'Paid' });
  await assert.rejects(personOf('back-again'), 'it is on the list again');
  await context.events.command('DROP TABLE kept');
});
