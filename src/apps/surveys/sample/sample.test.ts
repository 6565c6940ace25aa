import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Opinion } from '../../../core/imports/sample/opinions.ts';
import { readOrders } from '../../../core/imports/sample/orders.ts';
import { sampleLines } from '../../../core/imports/sample/traffic.ts';
import type { SampleEvent } from '../../../core/imports/sample/visit.ts';
import { check } from '../checks.ts';
import { walk } from '../logic.ts';
import { sampleSurveys } from './surveys.ts';
import { type SampleResponse, tell } from './tell.ts';

const SAMPLES = new URL('../../../../samples/', import.meta.url);
const orders = await readOrders(
  fileURLToPath(new URL('company/orders.csv.gz', SAMPLES)),
  readFileSync(new URL('online-retail.map.json', SAMPLES), 'utf8'),
);
const surveys = sampleSurveys();

function made(weeks: number) {
  const opinions: Opinion[] = [];
  const rows: SampleResponse[] = [];
  const told: SampleEvent[] = [];
  const lines = sampleLines(
    orders,
    weeks,
    (key) => key,
    (opinion) => {
      const { events, kept } = tell(opinion, surveys);
      opinions.push(opinion);
      rows.push(kept as SampleResponse);
      told.push(...events);
      return events;
    },
  );
  const all = [...lines].flatMap((line) => ('events' in line ? line.events : []));
  return { opinions, rows, told, all };
}
const { opinions, rows, told, all } = made(780);
const share = (list: readonly Opinion[], fits: (one: NonNullable<Opinion['said']>) => boolean) =>
  list.filter(({ said }) => said && fits(said)).length / list.filter(({ said }) => said).length;

test('the surveys of the sample could be published, and are shown in no page by themselves', () => {
  for (const { definition } of Object.values(surveys)) {
    assert.deepEqual(
      check(definition).filter(({ severity }) => severity === 'error'),
      [],
    );
    assert.equal(definition.popover, undefined);
  }
});

test('what customers of the sample answer is what the surveys take, and the same whenever it is made', () => {
  assert.ok(rows.filter(({ state }) => state === 'complete').length > 200);
  assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
  for (const { survey_id, answers, language } of rows) {
    const { definition } = Object.values(surveys).find(({ id }) => id === survey_id)!;
    assert.deepEqual(walk(definition, { answers, language, traits: {}, fields: {} }).kept, answers);
  }
  const later = made(799);
  assert.deepEqual(
    later.rows.map(({ id, answers }) => ({ id, answers })),
    rows.map(({ id, answers }) => ({ id, answers })),
  );
  assert.deepEqual(
    later.told.map(({ messageId }) => messageId),
    told.map(({ messageId }) => messageId),
  );
});

test('each answer is told on the timeline as it is kept, and nothing of it is lost on the way to the file', () => {
  const ids = new Set(all.map(({ messageId }) => messageId));
  assert.equal(ids.size, all.length);
  for (const { messageId } of told) assert.ok(ids.has(messageId));
  const answered = Map.groupBy(
    told.filter(({ event }) => event === 'Question Answered'),
    ({ properties }) => (properties as { responseId: string }).responseId,
  );
  for (const { id, answers, completed_at } of rows) {
    const questions = (answered.get(id) ?? []).map(
      ({ properties }) => (properties as { questionId: string }).questionId,
    );
    assert.deepEqual(questions.sort(), Object.keys(answers).sort());
    const last = answered.get(id)?.at(-1);
    if (last) assert.equal(last.timestamp, completed_at);
  }
});

test('nobody in the sample is asked again within two weeks', () => {
  for (const [customer, asked] of Map.groupBy(opinions, (one) => one.customer)) {
    const times = asked.map(({ askedAt }) => askedAt).sort((a, b) => a - b);
    for (let at = 1; at < times.length; at++)
      assert.ok(times[at]! - times[at - 1]! > 13.9 * 86_400_000, `${customer} ${times}`);
  }
});

test('what customers of the sample say goes with what happened to them, in five languages', () => {
  const late = new Set(
    all.flatMap(({ event, properties }) =>
      event === 'Delivery Delayed' ? [String((properties as { order_id: string }).order_id)] : [],
    ),
  );
  const ofOrder = opinions.filter(({ about }) => about === 'order');
  const isLate = ({ id }: Opinion) => late.has(id.replace('order ', ''));
  const unhappy = ({ score }: { score: number }) => score <= 6;
  assert.ok(share(ofOrder.filter(isLate), unhappy) > 0.7);
  assert.ok(
    share(
      ofOrder.filter((one) => !isLate(one)),
      unhappy,
    ) < 0.25,
  );
  const spoken = new Set(opinions.flatMap(({ said, language }) => (said?.text ? [language] : [])));
  assert.deepEqual([...spoken].sort(), ['en', 'it', 'pl', 'ru', 'zh']);
  const words = (event: string) =>
    all.filter((one) => one.event === event && (one.properties as { text?: string }).text);
  assert.ok(words('Review Posted').length > 30);
  assert.ok(words('Feedback Given').length > 5);
});
