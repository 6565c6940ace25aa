import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { currencyDecimals, revenueOf, toMinor } from './money.ts';

test('an order counts what the customer paid, in the smallest unit', () => {
  assert.deepEqual(revenueOf('Order Completed', { revenue: 19.99, currency: 'EUR' }), { minor: 1999, currency: 'EUR' });
  assert.deepEqual(revenueOf('order_completed', { total: '1,234.50', currency: 'usd' }), {
    minor: 123450,
    currency: 'USD',
  });
  assert.deepEqual(revenueOf('Order Completed', { revenue: 1200, currency: 'JPY' }), { minor: 1200, currency: 'JPY' });
  assert.deepEqual(revenueOf('Purchase', { value: 1.5, currency: 'KWD' }), { minor: 1500, currency: 'KWD' });
  assert.deepEqual(revenueOf('Order Completed', { revenue: null, total: 5, currency: 'PLN' }), {
    minor: 500,
    currency: 'PLN',
  });
});

test('a refund is negative, however it is signed', () => {
  for (const total of [5, -5]) {
    assert.deepEqual(revenueOf('Order Refunded', { total, currency: 'EUR' }), { minor: -500, currency: 'EUR' });
  }
});

test('what is not paid, not a number or of no known currency is not counted', () => {
  const none = { minor: 0, currency: '' };
  assert.deepEqual(revenueOf('Checkout Started', { revenue: 25, currency: 'EUR' }), none);
  assert.deepEqual(revenueOf('Order Updated', { revenue: 25, currency: 'EUR' }), none);
  assert.deepEqual(revenueOf('Order Completed', { revenue: 25 }), none);
  assert.deepEqual(revenueOf('Order Completed', { revenue: 25, currency: 'EURO' }), none);
  for (const revenue of [Number.NaN, Number.POSITIVE_INFINITY, 1e21, '1.234,50', '1,234', '12,34', 'a', '', {}, true]) {
    assert.deepEqual(revenueOf('Order Completed', { revenue, currency: 'EUR' }), none, String(revenue));
  }
});

test('decimals are those of ISO 4217', () => {
  assert.deepEqual(['EUR', 'JPY', 'KWD', 'IQD', 'CLF', 'HUF'].map(currencyDecimals), [2, 0, 3, 3, 4, 2]);
});

test('any whole number of cents survives being written as a decimal number and as text', () => {
  const cents = fc.integer({ min: -(10 ** 12), max: 10 ** 12 });
  fc.assert(
    fc.property(cents, fc.constantFrom(0, 2, 3, 4), (minor, decimals) => {
      const digits = String(Math.abs(minor)).padStart(decimals + 1, '0');
      const whole = digits.slice(0, digits.length - decimals);
      const sign = minor < 0 ? '-' : '';
      const text = `${sign}${whole}${decimals ? `.${digits.slice(-decimals)}` : ''}`;
      assert.equal(toMinor(text, decimals), minor);
      assert.equal(toMinor(Number(text), decimals), minor);
      const grouped = `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ',')}${decimals ? `.${digits.slice(-decimals)}` : ''}`;
      if (decimals > 0) assert.equal(toMinor(grouped, decimals), minor);
    }),
  );
});

test('an amount is rounded to the nearest unit and never comes out as anything but a safe whole number', () => {
  assert.equal(toMinor(0.1 + 0.2, 2), 30);
  assert.equal(toMinor(1.005, 2), 101);
  assert.equal(toMinor(-0.001, 2), 0);
  fc.assert(
    fc.property(fc.oneof(fc.double(), fc.string(), fc.jsonValue()), fc.constantFrom(0, 2, 3), (value, decimals) => {
      const minor = toMinor(value, decimals);
      assert.ok(minor === null || (Number.isSafeInteger(minor) && !Object.is(minor, -0)));
      if (typeof value === 'number' && minor !== null && Math.abs(value) < 1e9) {
        assert.ok(Math.abs(minor - value * 10 ** decimals) <= 0.5 + 1e-3);
      }
    }),
    { numRuns: 1000 },
  );
});
