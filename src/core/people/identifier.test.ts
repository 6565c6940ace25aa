import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type IdentifierKind, NORMALISATIONS, normaliseIdentifier } from './identifier.ts';

const kind = (normalise: IdentifierKind['normalise'], blocked: string[] = []): IdentifierKind => ({
  id: 1,
  kind: 'test',
  isUnique: true,
  maxPerPerson: 5,
  priority: 1,
  normalise,
  blocked,
});

test('values that name nobody are blocked, in any case and in quotes', () => {
  const nobody = [
    ...['', ' ', '0', '-1', '000-000', '00000000-0000-0000-0000-000000000000', 'null', 'NULL', '"undefined"', "'none'"],
    ...[
      'NaN',
      'nil',
      'Anonymous',
      'GUEST',
      'true',
      'False',
      '[object Object]',
      'distinct_id',
      'not_authenticated',
      'email',
    ],
  ];
  for (const value of nobody) assert.equal(normaliseIdentifier(kind('none'), value), null, value);
  for (const value of ['17850', 'nullify', 'Anonymouse', '10', '0-1', 'idA']) {
    assert.equal(normaliseIdentifier(kind('none'), value), value);
  }
});

test("a kind's own blocked values are blocked in any case, before and after normalisation", () => {
  assert.equal(normaliseIdentifier(kind('email', ['shop@example.org']), 'Shop@Example.org'), null);
  assert.equal(normaliseIdentifier(kind('email', ['shop@example.org']), 'mailto:shop@example.org'), null);
  assert.equal(normaliseIdentifier(kind('none', ['Till 1']), 'till 1'), null);
});

test('each normalisation makes one of what is the same', () => {
  assert.equal(normaliseIdentifier(kind('none'), ' A b '), 'A b');
  assert.equal(normaliseIdentifier(kind('lower'), 'AbÇ'), 'abç');
  assert.equal(normaliseIdentifier(kind('email'), ' Ewa Żak <Ewa@Example.ORG> '), 'ewa@example.org');
  assert.equal(normaliseIdentifier(kind('email'), 'not an address'), null);
  assert.equal(normaliseIdentifier(kind('phone'), '+48 (0)601-234.567'), '+48601234567');
  assert.equal(normaliseIdentifier(kind('phone'), '0048 601 234 567'), '+48601234567');
  assert.equal(normaliseIdentifier(kind('phone'), '601 234 567'), '601234567');
  assert.equal(normaliseIdentifier(kind('phone'), '12'), null);
  assert.equal(normaliseIdentifier(kind('digits'), 'No. 12-34'), '1234');
});

test('what cannot be stored or is too long is nobody', () => {
  for (const value of ['a\0b', 'a\ud800b', 'x'.repeat(513)])
    assert.equal(normaliseIdentifier(kind('none'), value), null);
});

test('a normal form is its own normal form', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...NORMALISATIONS),
      fc.string({ unit: 'binary', maxLength: 40 }),
      (normalise, value) => {
        const normal = normaliseIdentifier(kind(normalise), value);
        if (normal !== null) assert.equal(normaliseIdentifier(kind(normalise), normal), normal);
      },
    ),
    { numRuns: 2000 },
  );
});
