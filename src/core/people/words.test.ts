import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { indexedWords, oneErrorAway, typingErrors, WORDS_LIMIT, wordsOf } from './words.ts';

test('words are found without case, marks and width, in any script', () => {
  assert.deepEqual(wordsOf('Łucja ŻÓŁTOWSKA-Ćwik'), ['lucja', 'zoltowska', 'cwik']);
  assert.deepEqual(wordsOf('Straße Søren Ærø'), ['strasse', 'soren', 'aero']);
  assert.deepEqual(wordsOf('Йосиф Ёлкин'), ['иосиф', 'елкин']);
  assert.deepEqual(wordsOf('王小明'), ['王', '小', '明']);
  assert.deepEqual(wordsOf('ＡＢＣ１２'), ['abc', '12']);
  assert.deepEqual(wordsOf('anna.kowalska83@mail.example.com'), ['anna', 'kowalska', '83', 'mail', 'example']);
  assert.deepEqual(wordsOf('anna@gmail.co'), ['anna', 'gmail']);
});

test('a person with a thousand words is found by the first of them', () => {
  const words = indexedWords(Array.from({ length: 1000 }, (_, i) => `x${String.fromCodePoint(0x4e00 + i)}`));
  assert.equal([...words].filter((word) => !word.startsWith('*')).length, WORDS_LIMIT);
});

test('a swap, a missing, an added and a wrong letter are one error each', () => {
  assert.equal(typingErrors('kowlaska', 'kowalska', 2), 1);
  assert.equal(typingErrors('kowalka', 'kowalska', 2), 1);
  assert.equal(typingErrors('kowaliska', 'kowalska', 2), 1);
  assert.equal(typingErrors('kowalsxa', 'kowalska', 2), 1);
  assert.equal(typingErrors('kowalska', 'nowak', 2), 3);
});

test('the words one error away are just those at distance one', () => {
  const letter = fc.constantFrom(...'abcżя王');
  const word = fc.string({ unit: letter, minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(word, (typed) => {
      const near = oneErrorAway(typed);
      for (const other of near) assert.equal(typingErrors(typed, other, 2), 1, `${typed} ${other}`);
      assert.equal(new Set(near).size, near.length);
    }),
  );
  assert.ok(oneErrorAway('kowlaska').includes('kowalska'));
});
