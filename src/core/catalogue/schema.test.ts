import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Refusal } from '../../kernel/refusal.ts';
import { looksPersonal } from './personal.ts';
import { checkSchema, compileSchema } from './schema.ts';

const order = {
  type: 'object',
  properties: {
    total: { type: 'number', minimum: 0 },
    currency: { enum: ['EUR', 'PLN'] },
    products: { type: 'array', items: { type: 'object', properties: { sku: { type: 'string', pattern: '^sku-' } } } },
  },
  required: ['total'],
};

test('an event as planned has nothing wrong with it, and each breach is told with its rule and place, never its value', () => {
  const check = compileSchema(checkSchema(order));
  assert.deepEqual(check({ total: 3, currency: 'EUR', products: [{ sku: 'sku-1' }] }), []);
  const found = check({ currency: 'secret-value', products: [{ sku: 'sku-1' }, { sku: 'x-secret' }], extra: 'secret' });
  assert.deepEqual(
    found.map(({ rule, property }) => [rule, property]),
    [
      ['missing_property', 'total'],
      ['wrong_value', 'currency'],
      ['wrong_value', 'products[].sku'],
      ['unplanned_property', 'extra'],
    ],
  );
  assert.ok(!JSON.stringify(found).includes('secret'));
});

for (const [what, schema] of Object.entries({
  'a reference to another place': { $ref: 'https://example.com/schema.json' },
  'a reference that would multiply itself': { $defs: { a: {} }, allOf: [{ $ref: '#/$defs/a' }] },
  'a dynamic reference': { $dynamicRef: '#a' },
  'a keyword that takes time with the square of the data': { properties: { a: { type: 'array', uniqueItems: true } } },
  'a pattern that looks around': { properties: { a: { pattern: '(?=x)y' } } },
  'a pattern that refers back': { properties: { a: { pattern: '(a)\\1' } } },
  'a pattern that is none': { properties: { a: { pattern: '(' } } },
  'a format that nobody knows': { properties: { a: { format: 'postcode' } } },
  'properties that are no object': { type: 'array' },
  'a list': [],
  'something else than a schema': { properties: { a: 3 } },
  'a type that is none': { properties: { a: { type: 'text' } } },
  'more than its size': { description: 'x'.repeat(70_000) },
  'more depth than the limit': Array.from({ length: 20 }).reduce<object>((inner) => ({ properties: { a: inner } }), {}),
  'too many allowed values': { properties: { a: { enum: Array.from({ length: 1001 }, (_, i) => i) } } },
})) {
  test(`a schema with ${what} is refused`, () => {
    assert.throws(
      () => checkSchema(schema),
      (error) => error instanceof Refusal && error.status === 400,
    );
  });
}

test('a pattern that would hold up a backtracking engine is checked in time that grows with the text only', () => {
  const check = compileSchema(checkSchema({ properties: { a: { type: 'string', pattern: '^(a+)+$' } } }));
  assert.equal(check({ a: `${'a'.repeat(30_000)}!` })[0]?.rule, 'wrong_value');
  assert.deepEqual(check({ a: 'a'.repeat(30_000) }), []);
});

test('an object that cannot be compared is a wrong value, and holds nothing up', () => {
  const check = compileSchema(checkSchema({ properties: { a: { enum: [{ size: 1 }] } } }));
  assert.equal(check({ a: { valueOf: 'x' } })[0]?.rule, 'wrong_value');
  assert.deepEqual(check({ a: { size: 1 } }), []);
});

test('whatever is given as a schema is taken or refused, and what is taken can be run on whatever comes', () => {
  const keyword = fc.constantFrom(
    'type',
    'enum',
    'properties',
    'items',
    'required',
    'minimum',
    'pattern',
    'anyOf',
    'format',
  );
  const schema = fc.letrec<{ node: Record<string, unknown> }>((tie) => ({
    node: fc.dictionary(
      keyword,
      fc.oneof({ maxDepth: 3 }, fc.jsonValue({ maxDepth: 2 }), tie('node'), fc.array(tie('node'), { maxLength: 3 })),
      { maxKeys: 4 },
    ),
  })).node;
  fc.assert(
    fc.property(schema, fc.dictionary(fc.string(), fc.jsonValue()), (one, other) => {
      // As they arrive: read from JSON, so every object is an ordinary one.
      const candidate = JSON.parse(JSON.stringify(one));
      const properties = JSON.parse(JSON.stringify(other));
      let taken: ReturnType<typeof checkSchema>;
      try {
        taken = checkSchema(candidate);
      } catch (error) {
        assert.ok(error instanceof Refusal, String(error));
        return;
      }
      assert.ok(Array.isArray(compileSchema(taken)(properties)));
    }),
    { numRuns: 300 },
  );
});

test('names of fields that hold what somebody typed are personal too, those of what programs say are not', () => {
  for (const name of [
    'comment',
    'customerMessage',
    'order_note',
    'review.comments',
    'Feedback',
    'uwagi',
    'wiadomość',
    'messaggio',
    'отзыв',
    '商品评论',
  ])
    assert.ok(looksPersonal(name), name);
  for (const name of [
    'error_message',
    'messageId',
    'review_count',
    'push message',
    'feedback_score',
    'notes_length',
    'text',
  ])
    assert.ok(!looksPersonal(name), name);
});

test('names of fields that tell who somebody is are known in several languages, names of things are not taken for them', () => {
  for (const name of [
    'email',
    'firstName',
    'Phone Number',
    'billing_address',
    'date_of_birth',
    'ip',
    'nazwisko',
    'telefono',
    'имя',
    '手机号',
    'customer.email',
    'contacts[].phone',
  ])
    assert.ok(looksPersonal(name), name);
  for (const name of [
    'product_name',
    'campaign.name',
    'total',
    'currency',
    'page_path',
    'plan',
    'quantity',
    'shipping_method',
    'item_category',
    'description',
  ])
    assert.ok(!looksPersonal(name), name);
});
