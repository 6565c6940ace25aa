import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { clip } from './src/mask.ts';

describe('text of a page, as it is told', () => {
  it('hides whatever looks like a card number, however it is written', () => {
    const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 13, maxLength: 19 });
    const gap = fc.constantFrom('', ' ', '-', '.', '\u00a0', ' - ');
    fc.assert(
      fc.property(digits, gap, fc.string(), fc.string(), (number, between, before, after) => {
        const text = clip(`${before} ${number.join(between)} ${after}`, 1000);
        const told = text.replaceAll(/\D/g, '');
        const others = `${before}${after}`.replaceAll(/\D/g, '');
        assert.ok(told.length <= others.length, text);
      }),
    );
  });

  it('hides e-mail addresses, and keeps prices, years and names', () => {
    assert.equal(clip('Write to  anna.nowak@example.com now'), 'Write to ••• now');
    assert.equal(clip('Buy 2 lanterns for 1,299.00 in 2026'), 'Buy 2 lanterns for 1,299.00 in 2026');
  });

  it('is cut, with white space folded', () => {
    assert.equal(clip(` a\n\t b ${'x'.repeat(500)}`).length, 100);
    assert.equal(clip(null), '');
  });
});
