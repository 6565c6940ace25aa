import { messageIdOf } from '../events.ts';
import type { Chance } from './chance.ts';
import type { Order } from './orders.ts';
import { HOST, type Product, releaseAt } from './shop.ts';
import { type Arrival, agentOf, type Device } from './visitors.ts';

/** An event as it stands in the sample's file. */
export type SampleEvent = Record<string, unknown> & { type: string; messageId: string; timestamp: string };

export interface VisitFacts {
  /** The same for the same visit, whenever the sample is made. */
  id: string;
  device: Device;
  arrival: Arrival;
  /** When it is in the data, as London's clocks showed it; decides which release of the shop it meets. */
  at: number;
  customer: string | null;
}

type Properties = Record<string, unknown>;

const LIBRARY = { name: '@throughline/browser', version: 'sample' };
/** How long pages take to load, in milliseconds, half of them longer. */
const LOAD = { desktop: 1300, tablet: 1900, phone: 2500 };

/** Writes down what a browser would send of one visit. Times count from its beginning, in milliseconds. */
export class VisitWriter {
  readonly facts: VisitFacts;
  readonly #chance: Chance;
  readonly #context: Properties;
  readonly #written: { at: number; event: Properties }[] = [];
  #clock = 0;
  #page: { url: string; path: string; title: string; referrer: string; search: string };
  #campaign: Arrival['campaign'];
  /** Load time of the page that was loaded last, until its Web Vitals are told. */
  #loaded = 0;

  constructor(facts: VisitFacts, chance: Chance) {
    const { device, arrival, at } = facts;
    this.facts = facts;
    this.#chance = chance;
    this.#campaign = arrival.campaign;
    this.#page = { url: arrival.referrer, path: '', title: '', referrer: '', search: '' };
    this.#context = {
      library: LIBRARY,
      app: { name: 'gift-shop', version: releaseAt(at) },
      userAgent: agentOf(device, at),
      locale: device.locale,
      timezone: device.timezone,
      ...(device.country && { location: { country: device.country } }),
    };
  }

  get clock(): number {
    return this.#clock;
  }

  wait(fromSeconds: number, toSeconds: number): this {
    this.#clock += Math.round(1000 * (fromSeconds + this.#chance.next() * (toSeconds - fromSeconds)));
    return this;
  }

  /** A view of a page. The shop loads once and then changes its pages; those of the checkout are loaded each. */
  page(path: string, title: string, search = ''): this {
    const tags = this.#written.length === 0 ? tagsOf(this.facts.arrival) : '';
    if (this.#written.length > 0) this.#campaign = undefined;
    const query = search || tags;
    this.#page = { url: `${HOST}${path}${query}`, path, title, referrer: this.#page.url, search: query };
    this.#add({ type: 'page', properties: this.#page });
    return this;
  }

  /** The page comes from the server: `slower` times as slowly as the shop's pages on such a device do. */
  load(slower = 1): this {
    this.#loaded = Math.round(this.#chance.around(LOAD[this.facts.device.form] * slower, 0.35));
    this.#clock += this.#loaded;
    return this;
  }

  /** The page is left. */
  leave(): this {
    if (this.#loaded === 0) return this;
    const load = this.#loaded;
    this.#loaded = 0;
    const [lcp, inp, ttfb] = [0.72, 0.06, 0.22].map((part) => Math.round(this.#chance.around(load * part, 0.2)));
    const cls = Number((this.#chance.next() ** 3 * 0.3).toFixed(4));
    return this.track('Web Vitals', { lcp, inp, cls, ttfb, load });
  }

  track(event: string, properties: Properties): this {
    this.#add({ type: 'track', event, properties });
    return this;
  }

  /** Says who it is; from here on the visitor is the customer. */
  identify(customer: string, traits: Properties): this {
    this.#add({ type: 'identify', externalIds: customerIds(customer), traits });
    return this.track('Signed In', { method: 'password' });
  }

  /** The link in the newsletter that a known customer followed. */
  followMail(customer: string): this {
    const { campaign } = this.facts.arrival;
    const context = { campaign };
    const mail = { externalIds: customerIds(customer), context, channel: 'email', anonymousId: undefined };
    const properties = { campaign_name: campaign?.name, subject: subjectOf(campaign?.name ?? '') };
    const link = { ...properties, link_url: `${HOST}/` };
    const opened = -this.#chance.whole(20_000, 90_000);
    this.#written.unshift(
      { at: opened, event: { type: 'track', event: 'Email Opened', properties, ...mail } },
      { at: -4000, event: { type: 'track', event: 'Email Link Clicked', properties: link, ...mail } },
    );
    return this;
  }

  /** The visit's events, `start` being the moment at which it began. */
  events(start: number): SampleEvent[] {
    return this.#written.map(({ at, event }, index) => ({
      messageId: messageIdOf(`sample visit ${this.facts.id}`, index),
      timestamp: new Date(start + at).toISOString(),
      anonymousId: this.facts.device.anonymousId,
      ...event,
    })) as unknown as SampleEvent[];
  }

  #add(event: Properties): void {
    const page = event.type === 'page' ? undefined : this.#page;
    const context = { ...this.#context, page, campaign: this.#campaign };
    this.#written.push({ at: this.#clock, event: { ...event, context } });
  }
}

export const customerIds = (customer: string) => [{ kind: 'customer_id', value: customer }];

function tagsOf({ campaign }: Arrival): string {
  if (!campaign) return '';
  return `?utm_source=${campaign.source}&utm_medium=${campaign.medium}&utm_campaign=${campaign.name}`;
}

const SUBJECTS: Record<string, string> = {
  'christmas-gifts': 'Gifts for Christmas are here',
  'midweek-finds': 'Our finds of the week',
  'new-in': 'New in: things to give',
  'trade-offers': 'For your shop: this month by the dozen',
};
const subjectOf = (campaign: string) => SUBJECTS[campaign] ?? campaign;

/** What the events of e-commerce say of a product. */
export const told = ({ id, name, category, price, path }: Product, quantity?: number) => ({
  product_id: id,
  name,
  category,
  price,
  ...(quantity !== undefined && { quantity }),
  currency: 'GBP',
  url: HOST + path,
});

export const round = (amount: number) => Math.round(amount * 100) / 100;

export interface Basket {
  value: number;
  items: number;
  order?: Order;
}
