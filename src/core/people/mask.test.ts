import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HIDDEN } from './hide.ts';
import { masked } from './mask.ts';

const KNOWN = ['Zofia Tajemnicza', 'Sekretna 5', '李小明'];
const PERSONAL = [
  'zofia.secret@customer.example',
  '+48 600 700 800',
  '(0048) 600-700-800',
  '4111 1111 1111 1111',
  '4111-1111-1111-1111',
  'PL61 1090 1014 0000 0712 1981 2874',
  'https://me.example/zofia?t=1',
  'Zofia Tajemnicza',
  'ZOFIA',
  'tajemnicza',
  'Sekretna 5',
  '李小明',
];

test('no text keeps an address, a telephone, a card, an account or a known name, whatever stands around them', () => {
  const around = fc.string({ unit: 'grapheme', maxLength: 40 }).map((text) => text.replaceAll(/[\p{L}\p{N}]/gu, '·'));
  const words = fc.array(fc.constantFrom('the', 'parcel', 'came', '3', 'days', 'late', 'że', '很'), { maxLength: 5 });
  fc.assert(
    fc.property(fc.constantFrom(...PERSONAL), around, around, words, (secret, before, after, said) => {
      const shown = masked(`${said.join(' ')} ${before} ${secret} ${after} ${said.join(' ')}`, KNOWN, () => HIDDEN);
      assert.ok(!shown.toLowerCase().includes(secret.toLowerCase()), shown);
    }),
  );
});

test('what does not tell who wrote it stays as it was written', () => {
  for (const text of ['The parcel came 3 days late, order 12345!', 'Zoo, Taj and 5 more', '很好', '', '12:30, 24.12.'])
    assert.equal(masked(text, KNOWN), text);
});

test('a name by which a text is signed goes, in each language of the product, and prose at its end stays', () => {
  for (const [text, shown] of [
    ['It broke.\nBest regards,\nJohn O’Neill-Smith', 'It broke.\nBest regards,\n[name]'],
    ['It broke. Thanks, JOHN!', 'It broke. Thanks, [name]!'],
    ['Zepsute. Pozdrawiam serdecznie\nŁucja K.', 'Zepsute. Pozdrawiam serdecznie\n[name]'],
    ['Zepsute, z poważaniem Jan Maria Nowak.', 'Zepsute, z poważaniem [name]'],
    ['Non va. Cordiali saluti, Giosuè', 'Non va. Cordiali saluti, [name]'],
    ['Не работает. С уважением, Пётр Ильич', 'Не работает. С уважением, [name]'],
    ['坏了。王小明 敬上', '坏了。[name] 敬上'],
  ] as const)
    assert.equal(masked(text, []), shown);
  for (const text of [
    'Thanks, it works',
    'Thank you for the Parcel',
    'Dziękuję, że tak szybko',
    'Grazie! Tutto bene e molto veloce',
    'Спасибо, всё работает',
    'Regards',
    '谢谢，很好',
  ])
    assert.equal(masked(text, []), text);
});

test('a name by which a text introduces somebody goes, and one that is not known here stays', () => {
  assert.equal(masked('Nazywam się Jan Kowalski i dzwonię', []), 'Nazywam się [name] i dzwonię');
  assert.equal(masked('Ask Bogdan Nieznany', KNOWN), 'Ask Bogdan Nieznany');
});
