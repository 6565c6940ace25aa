import { instant } from '../../intake/mapping/functions.ts';
import { afterOrder } from './afterwards.ts';
import { Chance } from './chance.ts';
import type { Opinion } from './opinions.ts';
import type { Order, OrderRow } from './orders.ts';
import { FRICTION, isBetween, Shop, TRAFFIC_FROM, TRAFFIC_TO } from './shop.ts';
import { type SampleEvent, VisitWriter } from './visit.ts';
import {
  arrivalOf,
  CUSTOMERS_COME,
  countryCode,
  type Device,
  deviceOf,
  FIREFOX,
  LOOKING,
  ORDERING,
  PHONES,
  STRANGERS_COME,
} from './visitors.ts';
import { type Goal, walk, walkToOrder } from './walks.ts';

/** A line of the sample's file: an order of the data as its rows, or events that were made up. */
export type SampleLine =
  | { key: string; rows: OrderRow[]; messageId: string; device?: string }
  | { events: SampleEvent[] };

interface Timed {
  /** What London's clocks showed, in milliseconds as if they were in UTC. */
  at: number;
  line: () => SampleLine | null;
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const WEEK = 7 * DAY;
/** Share of the customers whose visits are there. */
const CUSTOMERS_SHARE = 0.36;
/** People who look around and never order. */
const STRANGERS = 11_000;
/** Invoices of one customer that follow each other within this time are of one visit. */
const ONE_VISIT = 25 * MINUTE;
/** No visit begins earlier or later: hours that a change of clocks skips or repeats stay empty. */
const HOURS = [0, 0, 0, 0, 0, 0, 2, 5, 7, 9, 10, 10, 11, 10, 9, 9, 9, 10, 11, 13, 15, 14, 9, 3];
const WEEKDAYS = [1.05, 1, 1, 1, 1, 0.95, 0.8];
type Look = Exclude<Goal, 'order'>;
const CUSTOMERS_GOALS = { look: 45, search: 15, add: 25, checkout: 15 };
const STRANGERS_GOALS = { bounce: 44, look: 37, search: 8, add: 8, checkout: 3 };
const VISITS_BEFORE = { 0: 35, 1: 30, 2: 22, 3: 13 };
const STRANGERS_VISITS = { 1: 70, 2: 18, 3: 7, 5: 5 };
/** Visits that what is wrong with the shop costs an order, for each visit with an order while it is wrong. */
const LOST = { delivery: 0.24, payment: 0.22, voucher: 0.14 };

/**
 * The sample company's history in order of time: its orders, and visits, surveys and questions made up around those of
 * the last half year. The same for the same orders, but for the moments, which are `weeks` later than in the data.
 * `orderId` gives the message ID of an order by its number; `tell` makes events of what customers think, where somebody is
 * there to ask them.
 */
export function* sampleLines(
  orders: readonly Order[],
  weeks: number,
  orderId: (key: string) => string,
  tell: (opinion: Opinion) => SampleEvent[] = () => [],
): Generator<SampleLine> {
  const lines = new Planner(orders, weeks, orderId, tell).plan();
  lines.sort((one, other) => one.at - other.at);
  for (const { line } of lines) {
    const made = line();
    if (made) yield made;
  }
}

class Planner {
  readonly #orders: readonly Order[];
  readonly #weeks: number;
  readonly #orderId: (key: string) => string;
  readonly #tell: (opinion: Opinion) => SampleEvent[];
  readonly #shop: Shop;
  readonly #lines: Timed[] = [];
  /** Customers with visits. */
  #customers: string[] = [];
  readonly #countries = new Map<string, string>();
  #refunds: Order[] = [];
  /** When each customer was asked something. */
  readonly #asked = new Map<string, number[]>();

  constructor(
    orders: readonly Order[],
    weeks: number,
    orderId: (key: string) => string,
    tell: (opinion: Opinion) => SampleEvent[],
  ) {
    this.#orders = orders;
    this.#weeks = weeks;
    this.#orderId = orderId;
    this.#tell = tell;
    this.#shop = new Shop(orders);
  }

  plan(): Timed[] {
    const withVisits = new Set(this.#orders.filter((order) => isVisited(order)));
    this.#refunds = this.#orders.filter(({ refund }) => refund);
    for (const order of withVisits) if (order.customer) this.#countries.set(order.customer, countryOf(order));
    this.#customers = [...this.#countries.keys()].sort();
    const latest = new Map<string | null, { at: number; device: Device }>();
    for (const order of this.#orders) {
      const { key, rows, at, customer } = order;
      const before = customer === null ? undefined : latest.get(customer);
      const sameVisit = before && at - before.at < ONE_VISIT;
      const device = withVisits.has(order) ? (sameVisit ? before.device : deviceFor(order)) : undefined;
      this.#lines.push({ at, line: () => ({ key, rows, messageId: this.#orderId(key), device: device?.anonymousId }) });
      if (!device) continue;
      latest.set(customer, { at, device });
      if (!sameVisit) {
        this.#visitOf(order, device);
        this.#before(order);
        this.#lost(order);
      }
      if (customer) this.#afterwards(order, customer, device);
    }
    this.#strangers([...withVisits]);
    return this.#lines;
  }

  /** The visit in which an order was placed. */
  #visitOf(order: Order, device: Device): void {
    const { key, rows, at, total, customer } = order;
    const id = `order ${key}`;
    const line = () => {
      const chance = new Chance(id);
      const arrival = arrivalOf(chance, CUSTOMERS_COME, at);
      const visit = new VisitWriter({ id, device, arrival, at, customer }, chance);
      const placed = walkToOrder(visit, { value: total, items: rows.length, order }, this.#shop, chance);
      if (arrival.name === 'newsletter' && customer) visit.followMail(customer);
      return this.#upToNow(visit.events(this.#moment(at) - placed));
    };
    this.#lines.push({ at: at - 20 * MINUTE, line });
  }

  /** What the customer said and asked in the days after an order. */
  #afterwards(order: Order, customer: string, device: Device): void {
    const month: readonly [number, number] = [order.at, order.at + 30 * DAY];
    const returned = this.#refunds.some((refund) => refund.customer === customer && isBetween(refund.at, month));
    const asked = this.#asked.get(customer) ?? [];
    this.#asked.set(customer, asked);
    const after = afterOrder(order, customer, device, { returned, asked });
    for (const { at, event } of after.events) {
      const timestamp = () => new Date(this.#moment(at)).toISOString();
      this.#lines.push({ at, line: () => ({ events: [{ ...event, timestamp: timestamp() } as SampleEvent] }) });
    }
    const { anonymousId } = device;
    for (const { about, at, answeredAt, said, language } of after.asked) {
      const askedAt = this.#moment(at);
      const answered = said && answeredAt !== null && { ...said, at: this.#moment(answeredAt) };
      const id = `${about} ${order.key}`;
      const opinion = { id, about, customer, anonymousId, language, askedAt, said: answered || null };
      const [asking, ...answering] = this.#tell(opinion);
      if (asking) this.#lines.push({ at, line: () => ({ events: [asking] }) });
      if (answering.length > 0) this.#lines.push({ at: answeredAt ?? at, line: () => ({ events: answering }) });
    }
  }

  /** Visits in the days before an order, at home or on the way, some of them signed in. */
  #before(order: Order): void {
    const { key, customer } = order;
    if (!customer) return;
    const chance = new Chance(`before ${key}`);
    for (let count = Number(chance.of(VISITS_BEFORE)); count > 0; count--) {
      const at = timeOfDay(order.at - chance.whole(1, 14) * DAY, chance);
      const device = chance.yes(0.4) ? deviceOf(`${customer} second`, PHONES, countryOf(order)) : deviceFor(order);
      const goal = chance.of(CUSTOMERS_GOALS);
      this.#walk(`before ${key} ${count}`, at, device, goal, customer);
    }
  }

  /** Visits that what is wrong at the time costs their orders. */
  #lost(order: Order): void {
    const chance = new Chance(`lost ${order.key}`);
    const { at } = order;
    const lose = (goal: 'delivery' | 'payment' | 'voucher', kinds: typeof LOOKING) => {
      if (!chance.yes(LOST[goal])) return;
      const customer = chance.yes(0.5) ? chance.pick(this.#customers) : null;
      const device = customer
        ? deviceOf(`${customer} ${kinds === PHONES ? 'second' : goal}`, kinds, this.#countries.get(customer))
        : deviceOf(`lost ${goal} ${order.key}`, kinds);
      this.#walk(`lost ${goal} ${order.key}`, timeOfDay(at, chance), device, goal, customer);
    };
    if (at >= FRICTION.slowDelivery + DAY) lose('delivery', PHONES);
    if (isBetween(at, [FRICTION.paymentError[0] + DAY, FRICTION.paymentError[1] - DAY])) lose('payment', FIREFOX);
    if (at >= FRICTION.deadVoucher + DAY) lose('voucher', LOOKING);
  }

  /** People who look around; more of them in weeks with more orders. */
  #strangers(visited: readonly Order[]): void {
    const weeks = Math.ceil((TRAFFIC_TO - TRAFFIC_FROM) / WEEK);
    const counts = Array.from({ length: weeks }, (_, week) => [week, visited.length / weeks] as [number, number]);
    for (const { at } of visited) counts[Math.floor((at - TRAFFIC_FROM) / WEEK)]![1]++;
    const days = WEEKDAYS.map((weight, weekday) => [weekday, weight] as const);
    for (let number = 0; number < STRANGERS; number++) {
      const name = `stranger ${number}`;
      const chance = new Chance(name);
      const device = deviceOf(name, LOOKING);
      // TRAFFIC_FROM is a Friday.
      let at = TRAFFIC_FROM + chance.weighted(counts) * WEEK + ((chance.weighted(days) + 2) % 7) * DAY;
      for (let visit = Number(chance.of(STRANGERS_VISITS)); visit > 0 && at < TRAFFIC_TO; visit--) {
        const goal = chance.of(STRANGERS_GOALS);
        this.#walk(`${name} ${visit}`, timeOfDay(at, chance), device, goal, null);
        at += Math.ceil(chance.around(5, 0.9)) * DAY;
      }
    }
  }

  #walk(id: string, at: number, device: Device, goal: Look, customer: string | null): void {
    if (at < TRAFFIC_FROM || at > TRAFFIC_TO) return;
    const line = () => {
      const chance = new Chance(id);
      const arrival = arrivalOf(chance, customer ? CUSTOMERS_COME : STRANGERS_COME, at);
      const visit = new VisitWriter({ id, device, arrival, at, customer }, chance);
      walk(goal, visit, this.#shop, chance);
      if (arrival.name === 'newsletter' && customer) visit.followMail(customer);
      return this.#upToNow(visit.events(this.#moment(at)));
    };
    this.#lines.push({ at, line });
  }

  /** Nothing is later than the last order: the sample may be loaded at that moment. */
  #upToNow(events: SampleEvent[]): SampleLine | null {
    const end = this.#momentOf('2011-12-09T12:50:00');
    const past = events.filter(({ timestamp }) => Date.parse(timestamp) <= end);
    return past.length > 0 ? { events: past } : null;
  }

  #moment(at: number): number {
    return this.#momentOf(new Date(at).toISOString().slice(0, -1));
  }

  #momentOf(local: string): number {
    return Date.parse(instant(local, 'Europe/London', this.#weeks));
  }
}

/** Whether the visits that led to an order are there. */
function isVisited({ at, customer, refund, key }: Order): boolean {
  if (refund || at < TRAFFIC_FROM + DAY || !/^\d/.test(key)) return false;
  return customer === null || new Chance(`customer ${customer}`).yes(CUSTOMERS_SHARE);
}

const countryOf = ({ rows }: Order) => countryCode(rows[0]?.Country);

/** The device on which an order was placed: half of those with telephones go to a desk once the shop is slow on them. */
function deviceFor(order: Order): Device {
  const { key, customer, at } = order;
  if (customer === null) return deviceOf(`guest ${key}`, LOOKING, countryOf(order), `guest-${key}`);
  const own = deviceOf(`${customer} first`, ORDERING, countryOf(order));
  const gaveUp = own.form === 'phone' && at >= FRICTION.slowDelivery && new Chance(`desk ${key}`).yes(0.55);
  return gaveUp ? deviceOf(`${customer} desk`, { chrome: 3, edge: 1 }, countryOf(order)) : own;
}

function timeOfDay(at: number, chance: Chance): number {
  const hour = chance.weighted(HOURS.map((weight, number) => [number, weight] as const));
  return at - (at % DAY) + hour * 60 * MINUTE + chance.whole(0, 60 * MINUTE - 1);
}
