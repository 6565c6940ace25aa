/** A deterministic stream of a shop's traffic: the same seed gives the same events, byte for byte, but for time and ID. */

const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0',
];
const LOCALES = ['en-GB', 'pl-PL', 'it-IT', 'ru-RU', 'zh-CN', 'de-DE'];
const REFERRERS = [
  '',
  'https://www.google.com/',
  'https://www.bing.com/',
  'https://www.facebook.com/',
  'https://news.example.org/gifts',
];
const NAMES = ['Anna', 'Jan', 'Giulia', 'Иван', '伟', 'Sophie', 'Marek', 'Luca', 'Ольга', 'Emma'];
const CITIES = ['London', 'Warszawa', 'Milano', 'Москва', '上海', 'Berlin', 'Kraków', 'Napoli'];

/** A quick generator of pseudo-random numbers in [0, 1) (mulberry32). */
export function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const HEX = '0123456789abcdef';
/** A UUID of version 4 from a generator. */
function uuid(next: () => number): string {
  let text = '';
  for (let i = 0; i < 32; i++) {
    if (i === 8 || i === 12 || i === 16 || i === 20) text += '-';
    text += i === 12 ? '4' : HEX[Math.floor(next() * 16)];
  }
  return text;
}

export interface Shop {
  people: number;
  /** One event as the Segment protocol has it. */
  event(at: Date): Record<string, unknown>;
}

/** Events of about 700 bytes: 20% identify, the others pages, products viewed, carts and orders. */
export function shop(options: { seed: number; people: number }): Shop {
  const next = random(options.seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
  const whole = (below: number) => Math.floor(next() * below);
  const anonymous = (person: number) => uuid(random(person * 7919 + options.seed));
  return {
    people: options.people,
    event(at) {
      const person = whole(options.people);
      const known = person % 5 < 3;
      const kind = next();
      const item = whole(4000);
      const path = `/products/sku-${item}`;
      const base = {
        messageId: uuid(next),
        anonymousId: anonymous(person),
        timestamp: at.toISOString(),
        context: {
          library: { name: 'analytics.js', version: 'npm:next-1.84.3' },
          userAgent: AGENTS[person % AGENTS.length],
          locale: LOCALES[person % LOCALES.length],
          timezone: 'Europe/London',
          page: {
            path,
            url: `https://shop.example${path}`,
            title: `Product ${item} - The gift shop`,
            referrer: REFERRERS[person % REFERRERS.length],
            search: '',
          },
        },
        integrations: {},
      };
      if (kind < 0.2) {
        return {
          ...base,
          type: 'identify',
          ...(known ? { userId: `customer-${person}` } : {}),
          traits: {
            name: `${NAMES[person % NAMES.length]} ${person}`,
            city: CITIES[person % CITIES.length],
            plan: person % 7 === 0 ? 'trade' : 'retail',
            ...(known ? { email: `customer.${person}@example.com` } : {}),
          },
        };
      }
      const user = known && kind < 0.7 ? { userId: `customer-${person}` } : {};
      if (kind < 0.55) {
        return {
          ...base,
          ...user,
          type: 'page',
          name: 'Product',
          properties: {
            category: `category-${item % 30}`,
            position: whole(40),
            list: pick(['search', 'home', 'mail']),
          },
        };
      }
      const product = {
        product_id: `sku-${item}`,
        category: `category-${item % 30}`,
        price: whole(10_000) / 100,
        quantity: 1 + whole(5),
      };
      if (kind < 0.97) {
        return {
          ...base,
          ...user,
          type: 'track',
          event: kind < 0.85 ? 'Product Viewed' : 'Product Added',
          properties: { ...product, currency: 'GBP', variant: pick(['blue', 'red', 'green']) },
        };
      }
      return {
        ...base,
        ...user,
        type: 'track',
        event: 'Order Completed',
        properties: {
          order_id: `order-${whole(1e9)}`,
          total: product.price * product.quantity,
          currency: 'GBP',
          products: [product],
        },
      };
    },
  };
}
