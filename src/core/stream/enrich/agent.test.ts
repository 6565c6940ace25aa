import assert from 'node:assert/strict';
import { test } from 'node:test';
import crawlers from 'crawler-user-agents';
import fc from 'fast-check';
import { describeAgent, parseAgent } from './agent.ts';

const CASES: [string, string, string, string][] = [
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36 Edg/128.0.0.0',
    'Microsoft Edge',
    'Windows',
    'desktop',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15',
    'Safari',
    'macOS',
    'desktop',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0', 'Firefox', 'Linux', 'desktop'],
  [
    'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36',
    'Chrome',
    'ChromeOS',
    'desktop',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 14_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/14.0.3 Mobile/15E148 Safari/604.1',
    'Safari',
    'iOS',
    'mobile',
  ],
  [
    'Mozilla/5.0 (iPad; CPU OS 12_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1 Mobile/15E148 Safari/604.1',
    'Safari',
    'iOS',
    'tablet',
  ],
  [
    'Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36',
    'Chrome',
    'Android',
    'tablet',
  ],
  [
    'Mozilla/5.0 (Linux; Android 8.1.0; CUBOT_NOTE_S) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/70.0.3538.110 Mobile Safari/537.36',
    'Chrome',
    'Android',
    'mobile',
  ],
  [
    'Mozilla/5.0 (PlayStation; PlayStation 5/2.26) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15',
    'Safari',
    '',
    'console',
  ],
  [
    'Mozilla/5.0 (Linux; Android 10; BRAVIA 4K GB) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/90.0.0.0 Safari/537.36',
    'Chrome',
    'Android',
    'tv',
  ],
  [
    'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/120.0.0.0 Safari/537.36',
    '',
    '',
    'bot',
  ],
  ['', '', '', ''],
];

test('a user agent tells the browser, the system and the form of the device', () => {
  for (const [userAgent, browser, os, device] of CASES) {
    assert.deepEqual(parseAgent(userAgent), { browser, os, device }, userAgent);
  }
});

test('every robot of the list is recognised', () => {
  for (const { instances } of crawlers) {
    for (const instance of instances) assert.equal(parseAgent(instance).device, 'bot', instance);
  }
});

test('client hints name the browser that hides in the user agent', () => {
  const chrome =
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36';
  const brands = [{ brand: 'Not;A=Brand' }, { brand: 'Chromium' }, { brand: 'Brave' }];
  assert.deepEqual(describeAgent(chrome, { userAgentData: { brands, mobile: false, platform: 'Windows' } }), {
    browser: 'Brave',
    os: 'Windows',
    device: 'desktop',
  });
  const google = [{ brand: 'Google Chrome' }, { brand: 'Not A(Brand' }];
  assert.equal(describeAgent('', { userAgentData: { brands: google, mobile: true } }).browser, 'Chrome');
});

test("a mobile SDK's own words win over the user agent", () => {
  const context = { device: { type: 'ios', model: 'iPad13,4' }, os: { name: 'iPadOS', version: '17.4' } };
  assert.deepEqual(describeAgent('MyApp/3 CFNetwork/1490', context).os, 'iPadOS');
  assert.deepEqual(describeAgent('', context), { browser: '', os: 'iPadOS', device: 'tablet' });
  assert.equal(describeAgent('', { device: { type: 'android', model: 'Pixel 8' } }).device, 'mobile');
});

test('nothing that a sender writes makes it throw, and it always answers with text', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 2000 }), fc.jsonValue(), (userAgent, value) => {
      const told = describeAgent(userAgent, { userAgentData: value, device: value, os: value });
      for (const text of Object.values(told)) assert.equal(typeof text, 'string');
    }),
  );
});
