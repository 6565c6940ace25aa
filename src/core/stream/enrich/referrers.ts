import { remembered } from './remembered.ts';

/** What kind of place visitors came from. `referral`: a place that is known and is none of the others. */
export type PlaceKind = 'search' | 'social' | 'video' | 'shopping' | 'email' | 'assistant' | 'chat' | 'referral' | '';

type Lists = Record<Exclude<PlaceKind, ''>, string>;

const REMEMBERED_HOSTS = 20_000;

/**
 * Names that mean the same place under any ending: google.de, google.co.uk, yandex.ru, amazon.pl. Also what people write
 * into utm_source. Short or common words stand in WORDS.
 */
const NAMES: Lists = {
  search: `google bing yahoo duckduckgo yandex baidu ecosia startpage qwant seznam naver daum sogou haosou petalsearch
    aol lycos webcrawler dogpile metager mojeek swisscows rambler coccoc virgilio biglobe presearch kagi`,
  social: `facebook instagram twitter linkedin pinterest reddit tumblr tiktok vkontakte snapchat mastodon bluesky weibo
    quora myspace flickr deviantart goodreads livejournal odnoklassniki renren douban zhihu xiaohongshu disqus
    stackexchange stackoverflow wykop`,
  video: 'youtube vimeo dailymotion twitch bilibili youku netflix hulu disneyplus rutube iqiyi',
  shopping: `amazon ebay aliexpress alibaba allegro etsy walmart rakuten mercadolibre mercadolivre taobao tmall
    wildberries ozon ceneo idealo zalando cdiscount emag heureka skapiec shopzilla pricerunner kelkoo flipkart shopee
    lazada temu olx zbozi empik`,
  email: 'mailchimp klaviyo sendgrid mailerlite protonmail',
  assistant: 'chatgpt perplexity deepseek',
  chat: 'whatsapp telegram kakaotalk wechat weixin',
  referral: '',
};

/** Words that mean such a place in utm_source, but could be anybody's as a host. */
const WORDS: Lists = {
  search: 'adwords googleads google_ads google-ads bingads bing_ads msn excite',
  social: `fb ig li x vk ok meta fb_ads facebook_ads facebook-ads instagram_ads threads medium nextdoor meetup
    hackernews snap insta`,
  video: 'yt',
  shopping: 'shopping shopify jd',
  email: 'email e-mail e_mail newsletter outlook',
  assistant: 'openai claude gemini copilot mistral grok',
  chat: 'messenger signal viber line slack discord',
  referral: '',
};

/** Whole hosts; each holds for what stands below it too, and the longest that fits decides. */
const HOSTS: Lists = {
  search: `search.brave.com search.naver.com go.mail.ru so.com sm.cn ask.com search.com search.yahoo.co.jp
    com.google.android.googlequicksearchbox com.google.android.apps.searchlite cn.bing.com ya.ru info.com
    syndicatedsearch.goog search.aol.com szukaj.onet.pl gibiru.com onesearch.com search.marginalia.nu yep.com`,
  social: `t.co x.com fb.com fb.me lnkd.in l.facebook.com lm.facebook.com m.facebook.com l.instagram.com out.reddit.com
    vk.com vk.ru away.vk.com ok.ru my.mail.ru pin.it redd.it news.ycombinator.com lobste.rs bsky.app mastodon.social
    threads.net threads.com plurk.com com.facebook.katana com.twitter.android com.linkedin.android
    com.instagram.android com.reddit.frontpage com.pinterest com.zhiliaoapp.musically t.cn sina.com.cn substack.com
    nk.pl gab.com truthsocial.com wykop.pl taringa.net skyrock.com gowalla.com yammer.com xing.com mixi.jp meetup.com medium.com nextdoor.com glassdoor.com tripadvisor.com
    trustpilot.com yelp.com plus.google.com groups.google.com`,
  video:
    'youtu.be m.youtube.com vk.video tv.apple.com primevideo.com crackle.com wistia.com ted.com com.google.android.youtube',
  shopping:
    'shopping.google.com shopping.yahoo.com shop.app market.yandex.ru jd.com bol.com mercari.com com.amazon.mShop.android.shopping',
  email: `mail.google.com mail.yahoo.com mail.yandex.ru mail.yandex.com outlook.com outlook.live.com outlook.office.com
    outlook.office365.com hotmail.com mail.aol.com e.mail.ru light.mail.ru touch.mail.ru mail.proton.me
    mail.protonmail.com poczta.onet.pl poczta.wp.pl poczta.o2.pl poczta.interia.pl email.seznam.cz mail.zoho.com
    mail.qq.com mail.163.com mail.126.com webmail.t-online.de web.de gmx.net gmx.de gmx.com mail.naver.com
    webmail.orange.fr mail.com icloud.com fastmail.com app.hey.com deref-gmx.net deref-web.de
    com.google.android.gm com.microsoft.office.outlook com.yahoo.mobile.client.android.mail`,
  assistant: `chatgpt.com chat.openai.com openai.com perplexity.ai claude.ai gemini.google.com bard.google.com
    copilot.microsoft.com copilot.cloud.microsoft chat.deepseek.com deepseek.com chat.mistral.ai grok.com x.ai meta.ai
    poe.com you.com phind.com duck.ai kimi.com moonshot.cn doubao.com yiyan.baidu.com chat.qwen.ai tongyi.aliyun.com
    character.ai pi.ai edgeservices.bing.com com.openai.chatgpt com.google.android.apps.bard alice.yandex.ru giga.chat`,
  chat: `wa.me web.whatsapp.com api.whatsapp.com l.wl.co t.me web.telegram.org telegram.me telegram.org
    messenger.com l.messenger.com m.me wechat.com weixin.qq.com servicewechat.com line.me discord.com discord.gg
    slack.com app.slack.com teams.microsoft.com statics.teams.cdn.office.net chat.google.com signal.org viber.com
    com.slack org.telegram.messenger com.whatsapp zalo.me zaloapp.com`,
  referral: `docs.google.com drive.google.com sites.google.com translate.google.com meet.google.com play.google.com
    accounts.google.com calendar.google.com classroom.google.com cloud.google.com support.google.com maps.google.com
    aws.amazon.com developer.amazon.com pay.amazon.com accounts.yandex.ru passport.yandex.ru metrika.yandex.ru
    finance.yahoo.com login.yahoo.com line.com stories.line.com signal.com business.facebook.com ads.google.com
    adsmanager.facebook.com tagassistant.google.com analytics.google.com`,
};

/** Endings under which names are given out one level deeper than elsewhere: example.co.uk. */
const SECOND_LEVEL = new Set('ac co com edu gov gob ne net nom or org in waw'.split(' '));
/** Hosts where each name below belongs to somebody else. */
const SHARED = new Set(
  `myshopify.com github.io gitlab.io blogspot.com wordpress.com web.app firebaseapp.com netlify.app vercel.app
    pages.dev herokuapp.com azurewebsites.net wixsite.com webflow.io weebly.com cloudfront.net workers.dev onrender.com
    fly.dev shoper.pl squarespace.com substack.com tumblr.com amazonaws.com`.split(/\s+/),
);

const kindByName = index(NAMES);
const kindByWord = index(WORDS);
const kindByHost = index(HOSTS);

function index(lists: Lists): Map<string, PlaceKind> {
  const kinds = new Map<string, PlaceKind>();
  for (const [kind, words] of Object.entries(lists)) {
    for (const word of words.split(/\s+/)) if (word !== '') kinds.set(word.toLowerCase(), kind as PlaceKind);
  }
  return kinds;
}

/** What kind of place a host is ('' where it is not known), for example `search` for www.google.co.uk. */
export const kindOfHost = remembered<PlaceKind>(REMEMBERED_HOSTS, (host) => {
  for (let from = 0; from >= 0; from = nextLabel(host, from)) {
    const kind = kindByHost.get(from === 0 ? host : host.slice(from));
    if (kind) return kind;
  }
  const registered = registeredName(host);
  const dot = registered.indexOf('.');
  return dot > 0 ? (kindByName.get(registered.slice(0, dot)) ?? '') : '';
});

/** What kind of place a utm_source names, written as a word ("google", "fb") or as a host ("l.instagram.com"). */
export const kindOfSource = remembered<PlaceKind>(REMEMBERED_HOSTS, (source) => {
  const word = source.trim().toLowerCase();
  return kindByName.get(word) ?? kindByWord.get(word) ?? (word.includes('.') ? kindOfHost(word) : '');
});

/** The part of a host that somebody registered: example.co.uk for shop.example.co.uk. Addresses stay whole. */
export const registeredName = remembered<string>(REMEMBERED_HOSTS, (host) => {
  if (/^[\d.]+$|:/.test(host)) return host;
  const labels = host.split('.');
  if (labels.length <= 2) return host;
  const last = labels[labels.length - 1]!;
  const second = labels[labels.length - 2]!;
  const deep = (last.length === 2 && SECOND_LEVEL.has(second)) || SHARED.has(`${second}.${last}`);
  return labels.slice(deep ? -3 : -2).join('.');
});

function nextLabel(host: string, from: number): number {
  const dot = host.indexOf('.', from);
  return dot < 0 ? -1 : dot + 1;
}
