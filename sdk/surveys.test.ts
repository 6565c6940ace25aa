import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { LANGUAGES } from '../src/kernel/text.ts';
import { palettesOf } from './src/surveys/colour.ts';
import { contrast, type Theme } from './src/surveys/model.ts';
import { isPage } from './src/surveys/page-match.ts';
import { sayIn, type WordKey, type Words } from './src/surveys/say.ts';
import { wordsIn } from './src/surveys/words.ts';

const SPOKEN = [...Object.keys(LANGUAGES), 'ar', 'he'];
const named = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);

describe('the interface of surveys', () => {
  it('has its own words in each language, with every plural form of that language', () => {
    const english = wordsIn('en');
    for (const language of SPOKEN) {
      const words = wordsIn(language);
      if (language !== 'en') assert.notEqual(words, english, language);
      for (const [key, found] of Object.entries(english) as [WordKey, Words[WordKey]][]) {
        const here = words[key];
        assert.equal(typeof here, typeof found, `${language} ${key}`);
        if (typeof here === 'string' || typeof found === 'string') {
          assert.deepEqual(named(`${here}`).sort(), named(`${found}`).sort(), `${language} ${key}`);
          continue;
        }
        const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
        // Nothing here is ever counted from zero, but for what is left of a text.
        for (const category of pluralCategories.filter((one) => one !== 'zero' || key === 'left'))
          assert.ok(here[category as 'other'], `${language} ${key} ${category}`);
      }
    }
  });

  it('counts as each language does', () => {
    const left = (language: string, n: number) => sayIn(language, wordsIn(language))('left', { n });
    assert.deepEqual(
      [1, 2, 5, 22].map((n) => left('pl', n)),
      ['Został 1 znak', 'Zostały 2 znaki', 'Zostało 5 znaków', 'Zostały 22 znaki'],
    );
    assert.deepEqual(
      [1, 3, 11, 21].map((n) => left('ru', n)),
      ['Остался 1 символ', 'Осталось 3 символа', 'Осталось 11 символов', 'Остался 21 символ'],
    );
    assert.equal(wordsIn('pt-BR'), wordsIn('en'), 'a language that we do not speak');
    assert.equal(wordsIn('zh-Hant'), wordsIn('zh'));
  });

  it('can be read in whatever colours a company chooses', () => {
    const colour = fc.integer({ min: 0, max: 0xffffff }).map((n) => `#${n.toString(16).padStart(6, '0')}`);
    fc.assert(
      fc.property(fc.record({ background: colour, text: colour, accent: colour }), (light) => {
        const { back, ink, dim, edge, main, on, bad } = palettesOf({ light, dark: light } as Theme).light as Record<
          'back' | 'ink' | 'dim' | 'edge' | 'main' | 'on' | 'bad',
          string
        >;
        for (const text of [ink, dim, bad]) assert.ok(contrast(text, back) >= 4.5, `${text} on ${back}`);
        for (const control of [edge, main]) assert.ok(contrast(control, back) >= 3, `${control} on ${back}`);
        assert.ok(contrast(on, main) >= 4.5, `${on} on ${main}`);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the pages a survey is for', () => {
  const at = (address: string) => {
    const { origin, pathname } = new URL(address);
    return { origin, pathname };
  };
  const one = (match: 'is' | 'startsWith' | 'contains' | 'pattern', value: string, not = false) => ({
    match,
    value,
    not,
  });

  it('are named by path or whole address, and left out by name', () => {
    const cart = at('https://shop.example/cart/2?step=1');
    assert.ok(isPage([], cart), 'everywhere, where none is named');
    assert.ok(isPage([one('startsWith', '/cart')], cart));
    assert.ok(isPage([one('is', 'https://shop.example/cart/2')], cart));
    assert.ok(!isPage([one('is', '/cart')], cart));
    assert.ok(isPage([one('pattern', '/*/2')], cart));
    assert.ok(!isPage([one('pattern', '/*/2')], at('https://shop.example/cart/22')));
    assert.ok(!isPage([one('startsWith', '/'), one('contains', 'cart', true)], cart));
    assert.ok(!isPage([one('startsWith', 'https://shop.example.evil')], cart));
  });

  it('fit a pattern exactly where the same pattern as a regular expression does', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '+'), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.', '+', '*'), maxLength: 8 });
    fc.assert(
      fc.property(text, pattern, (path, value) => {
        const escaped = value.replaceAll(/[.+]/g, '\\$&').replaceAll('*', '.*');
        const expected = new RegExp(`^/${escaped}$`).test(`/${path}`);
        assert.equal(
          isPage([one('pattern', `/${value}`)], { origin: 'https://x.example', pathname: `/${path}` }),
          expected,
        );
      }),
      { numRuns: 1000 },
    );
  });
});
