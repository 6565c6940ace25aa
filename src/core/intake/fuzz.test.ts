import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { hashText, type IncomingEvent, logEntries } from './incoming.ts';
import { type IntakeServer, intakeServer } from './testing.ts';

const odd = fc.constantFrom<unknown>(
  null,
  '',
  '\u0000',
  '\ud800',
  '\udfff\ud800',
  '__proto__',
  'constructor',
  'toString',
  'toJSON',
  'hasOwnProperty',
  0,
  -1,
  -0,
  1e308,
  5e-324,
  2 ** 60,
  [],
  {},
  [[]],
  [null],
  true,
  '9999-12-31T23:59:59Z',
  '-000001-01-01',
  'x'.repeat(3000),
  JSON.parse('{"__proto__":{"polluted":1}}'),
  JSON.parse('{"toString":1,"valueOf":null,"toJSON":2,"length":-1}'),
  JSON.parse('['.repeat(100) + ']'.repeat(100)),
  JSON.parse('{"a":'.repeat(3000) + 1 + '}'.repeat(3000)),
);
const any = fc.oneof(
  { weight: 3, arbitrary: odd },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
);
const FIELDS = [
  'type',
  'action',
  'messageId',
  'userId',
  'anonymousId',
  'event',
  'name',
  'properties',
  'traits',
  'context',
  'integrations',
  'externalIds',
  'mergeProperties',
  'timestamp',
  'sentAt',
  'writeKey',
  'groupId',
  'previousId',
  'batch',
  '__proto__',
  'constructor',
  'toJSON',
  'id',
  'source',
  'specversion',
  'subject',
  'data',
  'data_base64',
  'datacontenttype',
  'userid',
];
const TYPES = ['track', 'identify', 'page', 'screen', 'group', 'alias', 'merge'];
/** An object of the protocols' own names with values that nobody expects; its names are own, also `__proto__`. */
const entry = fc
  .tuple(fc.array(fc.tuple(fc.constantFrom(...FIELDS), any), { maxLength: 10 }), fc.option(fc.constantFrom(...TYPES)))
  .map(([fields, type]) => Object.fromEntries(type ? [...fields, ['type', type]] : fields) as Record<string, unknown>);
const batch = fc
  .tuple(fc.array(fc.oneof(entry, any), { maxLength: 6 }), entry)
  .map(([list, rest]) => ({ ...rest, batch: list }));
const body = fc.oneof(entry, batch, any, fc.array(entry, { maxLength: 3 }));

const PATHS = [
  '/v1/track',
  '/v1/t',
  '/v1/identify',
  '/v1/page',
  '/v1/group',
  '/v1/alias',
  '/v1/merge',
  '/v1/batch',
  '/b',
  '/v1/import',
  '/beacon/v1/batch',
  '/api/s/event',
  '/api/s/s2s/batch',
  '/cloudevents',
  'HOOK',
  'MAPPED',
];
const TYPES_OF_CONTENT = [
  'application/json',
  'text/plain',
  'application/cloudevents+json',
  'application/cloudevents-batch+json',
  'application/x-www-form-urlencoded',
  'nonsense',
];

describe('whatever is sent', () => {
  let server: IntakeServer;
  let paths: Map<string, string>;
  let key: string;
  before(async () => {
    server = await intakeServer();
    key = (await server.source()).writeKey;
    const hook = await server.source('webhook');
    const mapped = await server.source('webhook', { mapping: '$ ~> |**|{"seen": true}|' });
    paths = new Map([
      ...PATHS.map((path) => [path, path] as const),
      ['HOOK', `/hooks/${hook.writeKey}`],
      ['MAPPED', `/hooks/${mapped.writeKey}`],
    ]);
  });
  after(() => server.close());

  async function send(path: string, content: string | Uint8Array, headers: Record<string, string>): Promise<number> {
    const response = await fetch(server.url + paths.get(path), {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, ...headers },
      body: content as string,
    });
    await response.arrayBuffer();
    return response.status;
  }

  /** What intake vouches for, of all that came into the log. */
  async function checkTaken(): Promise<void> {
    for (const event of (await server.taken()).events) {
      assert.ok(TYPES.includes(event.type));
      assert.ok(typeof event.messageId === 'string' && event.messageId !== '');
    }
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
    assert.deepEqual(Object.keys(Object.prototype), []);
  }

  test('as JSON is answered, never with a fault, and reaches no prototype', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...PATHS),
        body,
        fc.constantFrom(...TYPES_OF_CONTENT),
        async (path, value, type) => {
          const status = await send(path, JSON.stringify(value) ?? '', { 'content-type': type });
          assert.ok(status < 500, `${path} answered ${status}`);
          await checkTaken();
        },
      ),
      { numRuns: 600 },
    );
  });

  test('as bytes is answered, never with a fault', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...PATHS),
        fc.oneof(
          fc.uint8Array({ maxLength: 400 }),
          fc.string({ unit: 'binary' }).map((text) => Buffer.from(text)),
        ),
        fc.constantFrom('identity', 'gzip', 'br', 'deflate', 'zstd', 'x'),
        fc.constantFrom(...TYPES_OF_CONTENT),
        async (path, bytes, encoding, type) => {
          const status = await send(path, bytes, { 'content-encoding': encoding, 'content-type': type });
          assert.ok(status < 500, `${path} answered ${status}`);
          await checkTaken();
        },
      ),
      { numRuns: 300 },
    );
  });

  test('in a header or a query is answered, never with a fault', async () => {
    const header = fc.string({ unit: 'grapheme-ascii', maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(
          '/v1/track',
          '/v1/pixel/track',
          '/pixel/v1/page',
          '/sourceConfig',
          '/v1/projects/x/settings',
          '/cloudevents',
        ),
        fc.constantFrom(
          'authorization',
          'x-write-key',
          'content-encoding',
          'ce-id',
          'ce-specversion',
          'anonymousid',
          'origin',
          'content-type',
        ),
        header,
        fc.string({ unit: 'binary', maxLength: 60 }),
        async (path, name, value, query) => {
          const get = !['/v1/track', '/cloudevents'].includes(path);
          const response = await fetch(
            `${server.url}${path}?writeKey=${key}&${encodeURIComponent(query.toWellFormed())}=1&${query.toWellFormed()}`,
            {
              method: get ? 'GET' : 'POST',
              headers: { [name]: value },
              ...(!get && { body: '{}' }),
            },
          );
          await response.arrayBuffer();
          assert.ok(response.status < 500, `${path} answered ${response.status}`);
        },
      ),
      { numRuns: 300 },
    );
    await server.taken();
  });
});

describe('the records of a request', () => {
  test('hold each event once, those of one key in one partition in their order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), any), { maxLength: 50 }),
        fc.integer({ min: 1, max: 16 }),
        (list, partitions) => {
          const events = list.map(
            ([anonymousId, properties], n): IncomingEvent => ({
              type: 'track',
              messageId: String(n),
              anonymousId,
              properties,
            }),
          );
          const entries = logEntries({ sourceId: 1, receivedAt: 1, protocol: 'import', events }, partitions);
          const read = entries.flatMap(({ partition, value, events: count }) => {
            const envelope = JSON.parse(value.toString()) as {
              events: IncomingEvent[];
              refused?: { messageId: string }[];
            };
            assert.equal(count, envelope.events.length + (envelope.refused?.length ?? 0));
            for (const event of envelope.events)
              assert.equal(hashText(String(event.anonymousId)) % partitions, partition);
            const order = envelope.events.map((event) => Number(event.messageId));
            assert.deepEqual(
              order,
              order.toSorted((a, b) => a - b),
            );
            return [...envelope.events, ...(envelope.refused ?? [])].map((one) => one.messageId);
          });
          assert.deepEqual(
            read.map(Number).toSorted((a, b) => a - b),
            events.map((_, n) => n),
          );
        },
      ),
    );
  });
});
