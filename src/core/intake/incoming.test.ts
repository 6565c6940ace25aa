import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ENTRY_BYTES } from '../../kernel/log.ts';
import { type Envelope, type IncomingEvent, logEntries } from './incoming.ts';

test('what is too much for one entry of the log becomes several, each a request of its own, in order', () => {
  const event = fc.record({
    anonymousId: fc.constantFrom('a1', 'a2', 'a3'),
    filling: fc.tuple(fc.constantFrom('x', '漢', '"'), fc.nat(60_000)).map(([unit, count]) => unit.repeat(count)),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (given, partitions) => {
      const events = given.map(
        ({ anonymousId, filling }, i): IncomingEvent => ({
          ...{ type: 'track', messageId: `m${i}`, anonymousId, properties: { filling } },
        }),
      );
      const envelope: Envelope = { sourceId: 7, receivedAt: 1, protocol: 'segment', events };
      const found = new Map<number, string[]>();
      for (const { partition, events: count, value } of logEntries(envelope, partitions)) {
        assert.ok(value.byteLength <= ENTRY_BYTES + 1000, `${value.byteLength} bytes`);
        const part = JSON.parse(Buffer.from(value).toString()) as Envelope;
        assert.equal(part.sourceId, 7);
        assert.ok(count >= 1);
        assert.equal(part.events.length, count);
        found.set(partition, [...(found.get(partition) ?? []), ...part.events.map((one) => one.messageId)]);
      }
      const order = (messageId: string) => Number(messageId.slice(1));
      for (const ids of found.values())
        assert.deepEqual(
          ids,
          ids.toSorted((a, b) => order(a) - order(b)),
        );
      assert.equal([...found.values()].flat().length, events.length);
    }),
    { numRuns: 40 },
  );
});
