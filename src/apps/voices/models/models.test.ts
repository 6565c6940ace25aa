import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { masked } from '../../../core/people/mask.ts';
import { Matcher } from '../topics/matcher.ts';
import { suggestionsOf } from '../topics/suggest.ts';
import { effortTold } from './effort.ts';
import { MODEL_LANGUAGES } from './features.ts';
import { languageOfText } from './language.ts';
import { moodOf, ratingSentiment, sentimentOf, together } from './sentiment.ts';

const SAID: Record<string, [text: string, mood: 'positive' | 'negative'][]> = {
  en: [
    ['The parcel came two weeks late and nobody answered my mails.', 'negative'],
    ['I love the new checkout, so much faster than before!', 'positive'],
    ['It does not work.', 'negative'],
    ['Support was not helpful', 'negative'],
    ['Never had any problems with them', 'positive'],
  ],
  pl: [
    ['Paczka przyszła dwa tygodnie za późno i nikt nie odpisuje.', 'negative'],
    ['Pani na infolinii była bardzo pomocna', 'positive'],
    ['Nie działa mi logowanie', 'negative'],
    ['Nie mam żadnych zastrzeżeń', 'positive'],
    ['Zdecydowanie nie polecam', 'negative'],
  ],
  it: [
    ['Il pacco è arrivato con due settimane di ritardo e nessuno risponde.', 'negative'],
    ['La signora al telefono è stata gentilissima', 'positive'],
    ['Non funziona il login', 'negative'],
    ['Nessun problema, tutto perfetto', 'positive'],
    ['non lo consiglio', 'negative'],
  ],
  ru: [
    ['Посылка пришла на две недели позже, никто не отвечает.', 'negative'],
    ['Девушка на линии очень помогла', 'positive'],
    ['Не работает вход', 'negative'],
    ['Никаких проблем, всё отлично', 'positive'],
    ['Не рекомендую', 'negative'],
  ],
  zh: [
    ['包裹晚了两个星期，没有人回复我。', 'negative'],
    ['客服小姐姐非常耐心', 'positive'],
    ['登录不了', 'negative'],
    ['没有任何问题，一切都很完美', 'positive'],
    ['不推荐', 'negative'],
  ],
};

describe('moods and languages', () => {
  for (const language of MODEL_LANGUAGES) {
    test(`what customers write in ${language} is told, also where it is denied`, () => {
      for (const [text, mood] of SAID[language]!) {
        assert.equal(languageOfText(text), language, text);
        assert.equal(moodOf(sentimentOf(text, language)!), mood, text);
      }
    });
  }

  test('other languages are not taken for ours, and a word or two goes by the hint', () => {
    const others = {
      es: 'El paquete llegó tarde y nadie contesta',
      de: 'Das Paket kam zu spät an',
      fr: 'Le colis est arrivé en retard',
    };
    for (const [language, text] of Object.entries({
      ...others,
      ja: 'とても良いです',
      ko: '아주 좋아요',
      uk: 'Все гаразд, дякую її',
    }))
      assert.equal(languageOfText(text), language, text);
    assert.equal(languageOfText('ok'), 'und');
    assert.equal(languageOfText('ok', 'it-IT'), 'it');
    assert.equal(languageOfText('12345 !!', 'nonsense'), 'und');
    assert.equal(sentimentOf('El paquete llegó tarde', 'es'), null);
    assert.ok(sentimentOf('Super!', 'und')! > 0);
    assert.ok(sentimentOf('👍👍', 'und')! > 0 && sentimentOf('😡', 'xx')! < 0);
  });

  test('whatever is written, a mood is between its ends, or nothing', () => {
    const language = fc.constantFrom('en', 'pl', 'it', 'ru', 'zh', 'und', '', '__proto__');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), language, (text, told) => {
        const sentiment = sentimentOf(text, told);
        assert.ok(sentiment === null || (sentiment >= -1 && sentiment <= 1));
        const effort = effortTold(text, told, null);
        assert.ok(effort === null || (effort >= 0 && effort <= 1));
        assert.match(languageOfText(text, told), /^[a-z]{2,3}$/);
        assert.ok(typeof masked(text, [text.slice(0, 9)]) === 'string');
      }),
      { numRuns: 50 },
    );
  });

  test('a score says what its kind means', () => {
    const mood = (score: number, scale: number, kind?: string) => moodOf(ratingSentiment({ score, scale, kind })!);
    assert.deepEqual(
      [0, 6, 7, 8, 9, 10].map((score) => mood(score, 10, 'nps')),
      ['negative', 'negative', 'neutral', 'neutral', 'positive', 'positive'],
    );
    assert.deepEqual(
      [1, 3, 5].map((score) => mood(score, 5)),
      ['negative', 'neutral', 'positive'],
    );
    for (const bad of [
      { score: 6, scale: 5 },
      { score: Number.NaN, scale: 5 },
      { score: 1, scale: 0 },
    ])
      assert.equal(ratingSentiment(bad), null);
    assert.deepEqual(together(null, -1), { sentiment: -1, basis: 'rating' });
    assert.deepEqual(together(0.5, -1), { sentiment: -0.25, basis: 'both' });
    assert.deepEqual(together(null, null), { sentiment: 0, basis: 'nothing' });
  });
});

describe('effort', () => {
  test('is told by words in five languages, and not made up', () => {
    const hard = {
      en: 'I had to call three times and it is not easy to find',
      pl: 'Musiałam dzwonić trzy razy, nie jest łatwo',
      it: 'Ho dovuto chiamare tre volte, complicato',
      ru: 'Пришлось звонить несколько раз, сложно',
      zh: '打了好几次电话，太麻烦了',
    };
    const easy = {
      en: 'Quick and easy',
      pl: 'Szybko i łatwo',
      it: 'Facile e veloce',
      ru: 'Быстро и просто',
      zh: '简单快捷',
    };
    for (const [language, text] of Object.entries(hard)) assert.ok(effortTold(text, language, null)! > 0.6, text);
    for (const [language, text] of Object.entries(easy)) assert.ok(effortTold(text, language, null)! < 0.4, text);
    assert.equal(effortTold('The sky is blue', 'en', null), null);
    assert.equal(effortTold('Easy', 'en', { score: 1, scale: 7, kind: 'ces' }), 1, 'a score for effort goes first');
  });
});

describe('words of topics', () => {
  const matcher = new Matcher([
    {
      id: 1,
      words: { en: ['deliver*', 'late'], pl: ['dostawa', 'paczka'], it: ['consegna'], ru: ['доставка'], zh: ['配送'] },
    },
    { id: 2, words: { en: ['customer service', 'price'], pl: ['cena'], any: ['Bluebox'] } },
  ]);
  test('are found whatever their ending or accents, phrases only as a whole, Chinese inside', () => {
    assert.deepEqual(matcher.topicsOf('My deliveries were LATE; great prices', 'en'), [1, 2]);
    assert.deepEqual(matcher.topicsOf('Nie ma dostawy, a ceny rosną', 'pl'), [1, 2]);
    assert.deepEqual(matcher.topicsOf('Paczke zgubili', 'pl'), [1]);
    assert.deepEqual(matcher.topicsOf('Le consegne sono lente', 'it'), [1]);
    assert.deepEqual(matcher.topicsOf('Доставку ждали долго', 'ru'), [1]);
    assert.deepEqual(matcher.topicsOf('你们的配送太慢', 'zh'), [1]);
    assert.deepEqual(matcher.topicsOf('The service of a customer', 'en'), []);
    assert.deepEqual(matcher.topicsOf('The customer. Service was fine', 'en'), [], 'not over the end of a sentence');
    assert.deepEqual(matcher.topicsOf('Customer service!', 'en'), [2]);
    assert.deepEqual(matcher.topicsOf('BLUEBOX ist kaputt', 'de'), [2]);
    assert.deepEqual(matcher.topicsOf('', 'en'), []);
  });
});

test('suggestions are phrases of the unhappy that no topic finds, gathered by where they stand', async () => {
  const bad = (n: number) => `The loyalty card never works at the till number ${n}, the loyalty points are gone`;
  const said = [
    ...Array.from({ length: 12 }, (_, n) => ({ text: bad(n), who: n, negative: true, sorted: false })),
    ...Array.from({ length: 6 }, (_, who) => ({ text: 'The price is too high', who, negative: true, sorted: false })),
    ...Array.from({ length: 40 }, (_, who) => ({
      who,
      text: 'Nice shop, thank you, the till was quick',
      negative: false,
      sorted: false,
    })),
  ];
  const found = await suggestionsOf(said, 'en', (phrase) => phrase.includes('price'));
  assert.equal(found.length, 1 + found.filter((one) => !one.words.some((word) => word.includes('loyalty'))).length);
  assert.ok(found[0]!.words.some((word) => word.includes('loyalty')) && found[0]!.voices === 12 && found[0]!.lift > 5);
  assert.ok(!found.some((one) => /price|\d/.test(one.name)));
  assert.deepEqual(await suggestionsOf([], 'zh', () => false), []);
  const byTwo = said.map((one) => ({ ...one, who: one.who % 2 }));
  assert.deepEqual(await suggestionsOf(byTwo, 'en', () => false), [], 'what two people say tells of them');
});

test('what tells who wrote a text is masked before it leaves', () => {
  const text =
    'My name is Anna Nowak, write to anna.nowak@example.com or +48 600 100 200, order 123456789, https://x.example/?t=1';
  const clean = masked(text, ['Anna Nowak', 'Ann']);
  assert.doesNotMatch(clean, /Anna|Nowak|example|600|12345/);
  assert.match(clean, /My name is \[name\]/);
  assert.equal(masked('Annual report', ['Ann']), 'Annual report', 'not inside other words');
  assert.equal(masked('我叫王小明。很好', []), '我叫[name]。很好');
  assert.equal(masked('Jan (Jan) a.*b', ['.*', 'Jan']), '[name] ([name]) a.*b');
});
