import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { matches } from './src/replay/decide.ts';
import { bareUrl, hideCards, MARKED, maskAttribute, maskValue, SHOWN, stars, TEXT_MASKED } from './src/replay/mask.ts';
import { openSecrets } from './src/replay/secrets.ts';

const same = (text: string) => text;
/** A word that nothing else in an attribute looks like. */
const secret = fc.stringMatching(/^[a-z]{6,12}$/).map((word) => `Q${word}Q`);

describe('what a recording tells', () => {
  it('is nothing of a masked text but where its words are', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        assert.match(stars(text), /^[*\s]*$/);
        assert.equal(stars(text).length, text.length);
      }),
    );
  });

  it('is nothing of what was written into a field, of whatever type', () => {
    const type = fc.constantFrom(
      'text',
      'email',
      'tel',
      'search',
      'hidden',
      'checkbox',
      'radio',
      'password',
      'select-one',
      'new',
    );
    fc.assert(fc.property(secret, type, (text, type) => !maskValue(text, type).includes(text)));
    assert.equal(maskValue('ab', 'password').length, maskValue('a long one', 'password').length);
    assert.equal(maskValue('Buy', 'submit'), 'Buy');
    assert.equal(maskValue('', 'text'), '');
  });

  it('is no card number, and no drawing becomes one', () => {
    assert.equal(
      hideCards('Card 4111 1111-1111.1111, of 2026'),
      'Card **** ****-****.****, of 2026'.replace('-', '*').replace('.', '*'),
    );
    const path = 'M 10 20 30 40 50 60 70 80 90 10 20 30';
    assert.equal(maskAttribute('path', 'd', path, SHOWN, true, same), path);
    assert.match(maskAttribute('p', 'title', '4111111111111111', SHOWN, false, same)!, /^\*+$/);
  });

  it('is no attribute of a marked element in which a text could stand', () => {
    const name = fc.oneof(
      fc.constantFrom(
        'title',
        'alt',
        'aria-label',
        'placeholder',
        'value',
        'data-name',
        'label',
        'content',
        'summary',
        'for',
        'name',
      ),
      fc.stringMatching(/^[a-z]{2,4}-[a-z]{1,8}$/),
    );
    const tag = fc.constantFrom('p', 'img', 'a', 'option', 'x-card', 'button', 'optgroup');
    fc.assert(
      fc.property(tag, name, secret, fc.constantFrom(MARKED, TEXT_MASKED), (tag, name, text, masking) => {
        assert.ok(!`${maskAttribute(tag, name, `before ${text} after`, masking, false, same)}`.includes(text), name);
      }),
      { numRuns: 50 },
    );
    for (const [tag, name, value] of [
      ['a', 'href', '/users/Qida'],
      ['img', 'src', '/avatar?name=Qida'],
      ['img', 'src', 'data:image/svg+xml,<svg><text>Qida</text></svg>'],
      ['p', 'style', "color:red;--name:Qida;--other: 'Qida'"],
      ['p', 'style', 'background:url(/x.png?name=Qida)'],
      ['svg', 'aria-label', 'Qida'],
    ] as const) {
      const masked = `${maskAttribute(tag, name, value, MARKED, tag === 'svg', same)}`;
      assert.ok(!masked.includes('Qida'), masked);
    }
    assert.equal(maskAttribute('p', 'class', 'big red', MARKED, false, same), 'big red');
  });

  it('is nothing that acts, and no address with its query', () => {
    for (const name of ['onclick', 'onpointerrawupdate', 'srcdoc', 'nonce']) {
      assert.equal(maskAttribute('p', name, 'x', SHOWN, false, same), null);
    }
    assert.equal(maskAttribute('a', 'href', ' javascript:alert(1)', SHOWN, false, same), '#');
    assert.equal(maskAttribute('form', 'action', '/join?token=1', SHOWN, false, same), '/join');
    for (const [url, bare] of [
      ['https://a.example/b?c=d#e', 'https://a.example/b'],
      ['https://a.example/b#access_token=1', 'https://a.example/b'],
      ['https://a.example/#/cart/2?x=1', 'https://a.example/#/cart/2'],
      ['https://a.example/b?c#!/d', 'https://a.example/b#!/d'],
    ] as const) {
      assert.equal(bareUrl(url), bare);
    }
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (url) => !bareUrl(url).includes('?')),
    );
  });

  it('is nothing elsewhere of what was written, also as an address has it', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 3 }), { maxLength: 9 }), fc.string(), (written, around) => {
        const secrets = openSecrets();
        for (const text of written) secrets.typed({}, text);
        for (const text of written
          .map((text) => text.trim())
          .filter((text) => text.length >= 3 && !/^\**$/.test(text))) {
          assert.ok(!secrets.hide(`${around}${text}${around}`).includes(text));
        }
      }),
      { numRuns: 50 },
    );
    const secrets = openSecrets();
    secrets.typed({}, 'Ida Nowak');
    assert.equal(secrets.hide('/find/Ida%20Nowak and q=Ida+Nowak'), '/find/*** ***** and q=*** *****');
  });

  it('keeps the last of what grows in a field, and what was there before it was emptied', () => {
    const secrets = openSecrets();
    const field = {};
    for (const text of ['Ann', 'Anna', 'Annab', '', 'Bert']) secrets.typed(field, text);
    assert.equal(secrets.hide('Ann Annab Bert'), 'Ann ***** ****');
  });
});

describe('a page whose visits are recorded', () => {
  it('may be said by a part of the address, with anything for a star', () => {
    assert.ok(matches('/checkout', 'https://a.example/checkout/pay'));
    assert.ok(matches('/c*/pay', 'https://a.example/checkout/pay'));
    assert.ok(!matches('/pay*/c', 'https://a.example/checkout/pay'));
    assert.ok(matches('', 'https://a.example/'));
  });
});
