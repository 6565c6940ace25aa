import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Context } from '../../kernel/context.ts';
import { testContext } from '../../kernel/testing.ts';
import { seen } from '../../kernel/testing-until.ts';
import { core } from '../index.ts';
import type { IncomingEvent } from '../intake/incoming.ts';
import { suppressIdentifier } from '../privacy/suppression.ts';
import { createSource } from '../sources/sources.ts';
import { Pipeline } from '../stream/pipeline.ts';
import { resendQuarantined } from '../stream/quarantine.ts';
import { append, processAll, sent } from '../stream/testing.ts';
import type { Content, Step } from './content.ts';
import { forgetRecorded, listRecorded, recordedEvents } from './recorded.ts';
import {
  createTransformation,
  listTransformations,
  transformationById,
  updateTransformation,
} from './transformations.ts';
import { publish } from './versions.ts';

let context: Context & { close(): Promise<void> };
before(async () => {
  context = await testContext({ apps: core });
});
after(() => context.close());

const caller = {
  kind: 'staff',
  id: '1',
  name: 'Ada',
  email: null,
  role: 'owner',
  permissions: new Set<string>(),
} as const;
const js = (body: string): Content => ({ kind: 'javascript', code: `function transform(event) {\n${body}\n}` });
const steps = (...list: Step[]): Content => ({ kind: 'steps', steps: list });

async function sourceWith(...contents: Content[]): Promise<{ id: number; ids: number[] }> {
  const { id } = await createSource(context, { name: 'shop', kind: 'server' });
  const ids: number[] = [];
  for (const [i, content] of contents.entries()) {
    const made = await createTransformation(context, id, { name: `t${i + 1}`, content });
    await publish(context, caller, made.id, { untried: true });
    ids.push(made.id);
  }
  return { id, ids };
}
const send = (sourceId: number, ...events: Partial<IncomingEvent>[]) => append(context, events.map(sent), { sourceId });
const stored = (where: string) =>
  context.events.query<{
    event_id: string;
    message_id: string;
    name: string;
    user_id: string;
    person_id: string;
    source_id: number;
    properties: Record<string, unknown>;
  }>(`SELECT * FROM events WHERE ${where} ORDER BY timestamp, received_at, name`);
const waiting = async (sourceId: number) =>
  (
    await context.records.pool.query<{ id: number; step: string; reason: string; message_id: string; event: string }>(
      'SELECT * FROM quarantine WHERE source_id = $1 ORDER BY id',
      [sourceId],
    )
  ).rows;

describe('the step transform', () => {
  it('changes what is stored, whose it is, and leaves out what it shall', async () => {
    const { id } = await sourceWith(
      js(
        "if (event.event === 'noise') return null; event.userId = 'crm-' + event.userId; event.properties.n *= 2; return event",
      ),
      steps({ do: 'renameEvent', from: 'buy', to: 'Order Completed' }),
    );
    await send(id, { userId: 'a', event: 'buy', properties: { n: 21 } }, { userId: 'a', event: 'noise' });
    await processAll(context);
    const rows = await stored(`source_id = ${id}`);
    assert.deepEqual(
      rows.map((row) => [row.name, row.user_id, row.properties.n]),
      [['Order Completed', 'crm-a', '42']],
    );
    const found = await context.records.pool.query("SELECT value FROM identifiers WHERE value IN ('a', 'crm-a')");
    assert.deepEqual(found.rows, [{ value: 'crm-a' }], 'nobody is known by what the transformation took away');
    const drops = await context.records.pool.query("SELECT * FROM drops WHERE step = 'transform' AND source_id = $1", [
      id,
    ]);
    assert.equal(drops.rows[0].reason, 'the transformation “t1” left it out');
    assert.equal(drops.rows[0].count, 1);
  });

  it('makes several events of one, the same again when the batch is repeated', async () => {
    const { id } = await sourceWith(
      js("return ['x', 'y', 'z'].map((event_) => ({ ...event, event: event_, messageId: 'forged' }))"),
    );
    const event = sent({ userId: 'several', event: 'one', messageId: 'several-1' });
    await append(context, [event], { sourceId: id });
    await processAll(context);
    await append(context, [event], { sourceId: id });
    await processAll(context);
    const rows = await stored(`source_id = ${id}`);
    assert.deepEqual(
      rows.map((row) => row.name),
      ['x', 'y', 'z'],
    );
    assert.equal(rows[0]?.message_id, 'several-1');
    assert.equal(new Set(rows.map((row) => row.event_id)).size, 3);
  });

  it('a batch that is done again after a crash leaves each event, drop and quarantined event once', async () => {
    const { id } = await sourceWith(
      js(
        "if (event.event === 'drop') return null; if (event.event === 'bad') throw new Error('no'); return [event, { ...event, event: 'copy' }]",
      ),
    );
    await send(
      id,
      { userId: 'again', event: 'keep' },
      { userId: 'again', event: 'drop' },
      { userId: 'again', event: 'bad' },
    );
    const portions = [];
    for (let partition = 0; partition < context.log.partitions; partition++) {
      const [state] = (await context.log.state()).filter((one) => one.partition === partition && one.lagEvents > 0);
      if (!state) continue;
      for (let after = 0; ; ) {
        const records = await context.log.read(partition, after, { events: 1e6, bytes: 1e9 });
        if (records.length === 0) break;
        after = records.at(-1)!.position;
        portions.push({ partition, records });
      }
    }
    // The first run is cut off after PostgreSQL's commit; the second does it all.
    const open = () =>
      new Pipeline({ records: context.records, events: context.events, config: context.config, geo: null });
    await open().prepare(portions);
    await processAll(context);
    assert.deepEqual((await stored(`source_id = ${id}`)).map((row) => row.name).sort(), ['copy', 'keep']);
    assert.equal((await waiting(id)).length, 1);
    const drops = await context.records.pool.query(
      "SELECT count FROM drops WHERE step = 'transform' AND source_id = $1",
      [id],
    );
    assert.equal(drops.rows[0].count, 1);
  });

  it('keeps the order of events', async () => {
    const { id } = await sourceWith(js('return event.properties.n % 7 === 0 ? [event, event] : event'));
    const other = await createSource(context, { name: 'other', kind: 'server' });
    const many = Array.from({ length: 500 }, (_, n) => sent({ userId: 'ordered', event: 'n', properties: { n } }));
    for (const [n, event] of many.entries()) await append(context, [event], { sourceId: n % 3 === 0 ? other.id : id });
    const seen: number[] = [];
    const pipeline = new Pipeline({
      records: context.records,
      events: context.events,
      config: context.config,
      geo: null,
    });
    const portions = [];
    for (let partition = 0; partition < context.log.partitions; partition++) {
      const records = await context.log.read(partition, 0, { events: 1e6, bytes: 1e9 });
      if (records.length > 0) portions.push({ partition, records });
    }
    const batch = await pipeline.prepare(portions);
    for (const event of batch.events) if (event.userId === 'ordered') seen.push(event.properties.n as number);
    await pipeline.write(batch);
    await processAll(context);
    assert.deepEqual(
      seen,
      seen.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(seen).size, 500);
  });

  it('what comes out is checked as if it had just come in', async () => {
    const bad: Record<string, string> = {
      'no type': 'delete event.type; return event',
      'a type of none': "event.type = 'drink'; return event",
      nobody: 'delete event.userId; return event',
      'a number for context': 'event.context = 7; return event',
      'a list for properties': 'event.properties = []; return event',
      'an identifier too long': "event.userId = 'x'.repeat(600); return event",
      'a time that is none': "event.timestamp = 'yesterday-ish'; return event",
      'a nesting too deep': 'let o = {}; for (let i = 0; i < 600; i++) o = { o }; event.properties = o; return event',
      'a second event that is bad': "return [event, { type: 'track' }]",
    };
    for (const [what, body] of Object.entries(bad)) {
      const { id } = await sourceWith(js(body));
      await send(id, { userId: 'checked', event: what });
      await processAll(context);
      const [entry] = await waiting(id);
      assert.equal(entry?.step, 'transform', what);
      assert.match(entry?.reason ?? '', /^what the transformation “t1” made of it cannot be used: /, what);
      assert.deepEqual(await stored(`source_id = ${id}`), [], what);
    }
  });

  it('an erased person does not come back by a transformation that names them', async () => {
    const { id } = await sourceWith(js("event.userId = 'erased-one'; return event"));
    await suppressIdentifier(context, 'user_id', 'erased-one', 'Ada');
    await send(id, { userId: 'somebody', event: 'e' });
    await processAll(context);
    assert.deepEqual(await stored(`source_id = ${id}`), []);
    const { rows } = await context.records.pool.query('SELECT reason FROM drops WHERE source_id = $1', [id]);
    assert.deepEqual(rows, [{ reason: 'erased person' }]);
  });

  it('text that cannot be stored is made storable', async () => {
    const { id } = await sourceWith(js("event.properties = { a: 'x\\u0000y\\ud800z', ['k\\u0000']: 1 }; return event"));
    await send(id, { userId: 'nul', event: 'nul' });
    await processAll(context);
    const [row] = await stored(`source_id = ${id}`);
    assert.deepEqual(Object.keys(row?.properties ?? {}).sort(), ['a', 'k']);
  });

  it('one that loops stops alone: its events wait with the line, it is paused, others flow; mended, they are sent again', async () => {
    const { id, ids } = await sourceWith(js("if (event.event === 'loop')\n  for (;;) event.n = 1;\nreturn event"));
    const other = await sourceWith(js('event.properties.ok = true; return event'));
    await send(id, ...Array.from({ length: 40 }, () => ({ userId: 'looping', event: 'loop' })), {
      userId: 'looping',
      event: 'fine',
    });
    await send(other.id, { userId: 'flowing', event: 'flows', properties: undefined });
    await processAll(context);
    const entries = await waiting(id);
    assert.equal(entries.length, 41);
    assert.match(entries[0]!.reason, /^the transformation “t1” was stopped at line [23]: it took longer than 50 ms$/);
    assert.match(entries.at(-1)!.reason, /is paused: it ran out of time 5 times in a row; switch it on again/);
    assert.equal((await stored(`source_id = ${other.id}`)).length, 1);
    assert.match((await transformationById(context, ids[0]!)).pausedReason ?? '', /5 times in a row/);
    // Later events do not run it at all.
    await send(id, { userId: 'looping', event: 'fine' });
    await processAll(context);
    assert.equal((await waiting(id)).length, 42);
    await updateTransformation(context, ids[0]!, { content: js('event.properties.mended = true; return event') });
    await publish(context, caller, ids[0]!, { untried: true });
    assert.equal((await transformationById(context, ids[0]!)).pausedAt, null);
    await resendQuarantined(context, entries[0]!.id, undefined);
    await processAll(context);
    const rows = await stored(`source_id = ${id}`);
    assert.deepEqual(
      rows.map((row) => [row.name, row.properties.mended]),
      [['loop', true]],
    );
    assert.equal(rows[0]?.message_id, entries[0]!.message_id);
  });

  it('one that no interrupt stops is ended with its thread, and the events beside it are done', async () => {
    const { id } = await sourceWith(js("if (event.event === 'hang') new Array(2 ** 32 - 1).join('x');\nreturn event"));
    await send(id, { userId: 'h', event: 'a' }, { userId: 'h', event: 'hang' }, { userId: 'h', event: 'b' });
    await processAll(context);
    assert.deepEqual((await stored(`source_id = ${id}`)).map((row) => row.name).sort(), ['a', 'b']);
    assert.match((await waiting(id))[0]?.reason ?? '', /its thread had to be ended/);
  });

  it('counts what each transformation did today', async () => {
    const { id } = await sourceWith(
      js("if (event.event === 'bad') throw 1; return event.event === 'drop' ? null : event"),
      js('return event'),
    );
    await send(id, ...['a', 'b', 'drop', 'bad'].map((event) => ({ userId: 'counted', event })));
    await processAll(context);
    // They are written once a second.
    const [first, second] = await seen(
      () => listTransformations(context, id),
      (all) => all.every(({ today }) => today.events > 0),
    );
    const { micros, slow: _, ...counts } = first!.today;
    assert.deepEqual(counts, { events: 4, dropped: 1, failed: 1 });
    assert.ok(micros > 0);
    assert.equal(second!.today.events, 2);
  });
});

describe('recorded events', () => {
  it('are the last few of a source as they came in, and are forgotten after a day', async () => {
    const { id } = await createSource(context, { name: 'recorded', kind: 'server' });
    for (let batch = 0; batch < 20; batch++) {
      await send(id, ...Array.from({ length: 5 }, (_, n) => ({ userId: 'rec', event: `${batch}-${n}` })));
      await processAll(context);
      // The stream does not wait for them to be written.
      await seen(
        () => listRecorded(context, id),
        ([newest]) => newest?.event.event === `${batch}-2`,
      );
    }
    const recorded = await listRecorded(context, id);
    assert.equal(recorded.length, 50, 'three of each batch, of which the last fifty are kept');
    assert.equal(recorded[0]?.event.event, '19-2');
    assert.equal(typeof recorded[0]?.event.timestamp, 'string');
    await context.records.pool.query(
      "UPDATE transformation_samples SET at = now() - interval '25 hours' WHERE source_id = $1",
      [id],
    );
    assert.deepEqual(await listRecorded(context, id), []);
    await forgetRecorded(context);
    const left = await context.records.pool.query('SELECT 1 FROM transformation_samples WHERE source_id = $1', [id]);
    assert.equal(left.rowCount, 0);
  });

  it('of a person are exported and erased, those of others stay', async () => {
    const { id } = await createSource(context, { name: 'personal', kind: 'server' });
    await send(
      id,
      { userId: 'erase-me', event: 'a' },
      { userId: 'other-1', event: 'b', properties: { note: 'call Grace.Hopper@example.com back' } },
      { userId: 'other-2', event: 'c' },
    );
    await processAll(context);
    await seen(
      () => listRecorded(context, id),
      (all) => all.length === 3,
    );
    const subject = {
      origins: [],
      identifiers: [
        { kind: 'user_id', value: 'erase-me' },
        { kind: 'email', value: 'grace.hopper@example.com' },
      ],
    };
    const rows: object[] = [];
    for await (const part of recordedEvents.export(context, subject)) rows.push(...part.rows);
    assert.equal(rows.length, 2);
    await recordedEvents.erase(context, subject);
    assert.deepEqual(
      (await listRecorded(context, id)).map((one) => one.event.userId),
      ['other-2'],
    );
  });
});
