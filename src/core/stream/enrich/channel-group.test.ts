import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { addressOf } from './address.ts';
import { acquisitionOf } from './channel-group.ts';
import { kindOfHost, registeredName } from './referrers.ts';

const visit = (url: string, referrer = '', campaign?: unknown) => {
  const { host, query } = addressOf(url);
  return acquisitionOf(campaign, { host, query, referrer });
};
const group = (url: string, referrer = '', campaign?: unknown) => visit(url, referrer, campaign).channelGroup;
const SHOP = 'https://shop.example.com/';

test('a visit without tags belongs to the group of the place that it came from', () => {
  const places: Record<string, string> = {
    '': 'Direct',
    'https://www.google.co.uk/': 'Organic Search',
    'https://yandex.ru/search/?text=x': 'Organic Search',
    'https://search.seznam.cz/': 'Organic Search',
    'https://www.baidu.com/link?url=1': 'Organic Search',
    'https://duckduckgo.com/': 'Organic Search',
    'android-app://com.google.android.googlequicksearchbox/': 'Organic Search',
    'https://l.facebook.com/l.php?u=x': 'Organic Social',
    'https://away.vk.com/away.php': 'Organic Social',
    'https://ok.ru/': 'Organic Social',
    'https://t.co/abc': 'Organic Social',
    'https://www.linkedin.com/feed': 'Organic Social',
    'https://weibo.com/': 'Organic Social',
    'https://www.youtube.com/watch?v=1': 'Organic Video',
    'https://allegro.pl/oferta/1': 'Organic Shopping',
    'https://www.amazon.de/dp/1': 'Organic Shopping',
    'https://mail.google.com/mail/u/0': 'Email',
    'android-app://com.google.android.gm/': 'Email',
    'https://poczta.onet.pl/': 'Email',
    'https://chatgpt.com/': 'AI Assistant',
    'https://gemini.google.com/app': 'AI Assistant',
    'https://www.perplexity.ai/search': 'AI Assistant',
    'https://web.whatsapp.com/': 'Chat',
    'https://docs.google.com/document/1': 'Referral',
    'https://blog.someone.org/post': 'Referral',
  };
  for (const [referrer, expected] of Object.entries(places)) assert.equal(group(SHOP, referrer), expected, referrer);
});

test('moving about on the own site is no acquisition', () => {
  assert.equal(group(SHOP, 'https://shop.example.com/cart'), '');
  assert.equal(group(SHOP, 'https://www.example.com/'), '');
  assert.equal(group('https://shop.example.co.uk/', 'https://other.co.uk/'), 'Referral');
  assert.equal(group('https://one.myshopify.com/', 'https://two.myshopify.com/'), 'Referral');
});

test('tags come before the referrer, and context.campaign before the tags in the link', () => {
  const tagged = `${SHOP}?utm_source=Newsletter&utm_medium=E-Mail&utm_campaign=spring+sale%21#top`;
  assert.deepEqual(visit(tagged, 'https://www.google.com/'), {
    channelGroup: 'Email',
    source: 'Newsletter',
    medium: 'E-Mail',
    name: 'spring sale!',
  });
  assert.equal(group(tagged, '', { source: 'google', medium: 'cpc', name: 'brand' }), 'Paid Search');
});

test('tagged visits follow the rules of the default channel group', () => {
  const rules: [string, string, string, string][] = [
    ['google', 'cpc', '', 'Paid Search'],
    ['fb', 'paid_social', '', 'Paid Social'],
    ['youtube.com', 'cpv', '', 'Paid Video'],
    ['youtube.com', 'cpc', '', 'Paid Video'],
    ['google', 'cpc', 'summer-shopping', 'Paid Shopping'],
    ['somewhere', 'ppc', '', 'Paid Other'],
    ['somewhere', 'display', '', 'Display'],
    ['somewhere', 'banner', '', 'Display'],
    ['instagram', 'story', '', 'Organic Social'],
    ['somewhere', 'social', '', 'Organic Social'],
    ['somewhere', 'video', '', 'Organic Video'],
    ['bing', 'organic', '', 'Organic Search'],
    ['partner', 'affiliate', '', 'Affiliates'],
    ['partner', 'referral', '', 'Referral'],
    ['list', 'email', '', 'Email'],
    ['somewhere', 'sms', '', 'SMS'],
    ['somewhere', 'web-push', '', 'Mobile Push'],
    ['somewhere', 'audio', '', 'Audio'],
    ['chatgpt.com', '', '', 'AI Assistant'],
    ['direct', '(none)', '', 'Direct'],
    ['somewhere', 'something', '', 'Unassigned'],
  ];
  for (const [source, medium, name, expected] of rules) {
    assert.equal(group(SHOP, '', { source, medium, name }), expected, `${source} / ${medium} / ${name}`);
  }
});

test("an ad network's mark in the link is enough", () => {
  assert.equal(group(`${SHOP}?gclid=x`, 'https://www.google.com/'), 'Paid Search');
  assert.equal(group(`${SHOP}?yclid=1`), 'Paid Search');
  assert.equal(group(`${SHOP}?ttclid=1`), 'Paid Social');
  assert.equal(group(`${SHOP}?fbclid=1`), 'Organic Social');
  assert.equal(group(`${SHOP}?fbclid=1&utm_source=facebook&utm_medium=paid`), 'Paid Social');
});

test('a page that is none says nothing', () => {
  assert.deepEqual(acquisitionOf(undefined, null), { channelGroup: '', source: '', medium: '', name: '' });
});

test('an address is taken apart like the URL standard does it', () => {
  fc.assert(
    fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (url) => {
      const standard = new URL(url);
      const { host, query } = addressOf(url);
      assert.equal(host, standard.hostname.replace(/^www\./, ''));
      assert.equal(query === '', standard.search === '');
    }),
  );
  fc.assert(fc.property(fc.string(), (text) => assert.equal(typeof addressOf(text).host, 'string')));
  assert.deepEqual(addressOf('https://user:pw@WWW.Example.com:8080/a/b?c=d#e?f'), {
    host: 'example.com',
    path: '/a/b',
    query: 'c=d',
  });
});

test('what somebody registered is told from what lies below it', () => {
  assert.equal(registeredName('a.b.example.co.uk'), 'example.co.uk');
  assert.equal(registeredName('a.b.example.com'), 'example.com');
  assert.equal(registeredName('192.168.0.1'), '192.168.0.1');
  assert.equal(kindOfHost('google.evil.com'), '');
});

const GOLDEN = new URL('../../../../../shared/data/clickstream/snowplow_web_golden/', import.meta.url);
const goldenSessions = new URL('expected/default/snowplow_web_sessions_expected.csv', GOLDEN);

test("tagged visits are grouped as in Snowplow's reference tables", {
  skip: existsSync(goldenSessions) ? false : 'the reference data is not beside this checkout',
}, () => {
  const rows = parse(readFileSync(goldenSessions), { columns: true }) as Record<string, string>[];
  const tagged = rows.filter((row) => row.mkt_source !== '' || row.mkt_medium !== '');
  assert.ok(tagged.length >= 2);
  // Untagged visits are all "Unassigned" there: that run had no referrer data. So only tagged ones can be compared.
  for (const row of tagged) {
    const found = group(row.first_page_url!, row.referrer!);
    assert.equal(found, row.default_channel_group, row.first_page_url!);
  }
});
