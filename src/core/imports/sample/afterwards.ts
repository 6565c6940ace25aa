import type { Language } from '../../../kernel/text.ts';
import { messageIdOf } from '../events.ts';
import { Chance } from './chance.ts';
import { clamp, type Experience, ofOrder, ofReview, ofSupport, repliesAfter } from './opinions.ts';
import type { Order } from './orders.ts';
import { FRICTION, isBetween, TRAFFIC_TO } from './shop.ts';
import { customerIds, type SampleEvent } from './visit.ts';
import { agentOf, BROKEN_FIREFOX, type Device } from './visitors.ts';
import { languageOf, words } from './words.ts';

/** Something that happened after an order: when, as London's clocks showed it, and the event without its time. */
export interface Aftermath {
  at: number;
  event: Omit<SampleEvent, 'timestamp'>;
}

/** Somebody was asked; `answeredAt` is null where they never answered. */
export interface Asked {
  about: 'order' | 'support';
  at: number;
  answeredAt: number | null;
  said: ReturnType<typeof ofOrder>;
  language: Language;
}

export interface Past {
  /** Something of the order was sent back. */
  returned: boolean;
  /** When the customer was asked before: nobody is asked too often. Grows. */
  asked: number[];
}

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;
/** Days without another question, before a question about an order and about support. */
const QUIET = { order: 21, support: 14 };

const TOPICS = [
  ['delivery', 'Where is my order?', 34],
  ['damage', 'Something arrived broken', 22],
  ['return', 'I would like to send something back', 18],
  ['invoice', 'A question about the invoice', 16],
  ['address', 'Can the address be changed?', 10],
] as const;

/** What came after an order of a customer: its delivery, what they asked support, what they were asked and said of it. */
export function afterOrder(order: Order, customer: string, device: Device, past: Past) {
  const chance = new Chance(`after ${order.key}`);
  const events: Aftermath[] = [];
  const asked: Asked[] = [];
  const language = languageOf(customer, device.country);
  const say = (at: number, event: string, channel: string, properties: Record<string, unknown>) => {
    if (at > TRAFFIC_TO) return;
    const messageId = messageIdOf(`sample after ${order.key} ${event}`, 0);
    events.push({
      at,
      event: { type: 'track', event, messageId, externalIds: customerIds(customer), channel, properties },
    });
  };
  const ask = (about: Asked['about'], at: number, said: Asked['said']) => {
    const tooSoon = past.asked.some((other) => Math.abs(other - at) < QUIET[about] * DAY);
    if (at > TRAFFIC_TO || tooSoon) return;
    past.asked.push(at);
    const answeredAt = at + repliesAfter(chance);
    const answered = said !== null && answeredAt < TRAFFIC_TO;
    asked.push({ about, at, answeredAt: answered ? answeredAt : null, said: answered ? said : null, language });
  };

  const { days, late } = deliveryOf(order);
  const deliveredAt = inWorkingHours(order.at + days * DAY, chance);
  const parcel = { order_id: order.key, carrier: late ? 'Parcel North' : 'Royal Post' };
  if (late) say(inWorkingHours(order.at + 5 * DAY, chance), 'Delivery Delayed', 'email', parcel);
  say(deliveredAt, 'Order Delivered', 'server', { ...parcel, days });

  const ticket = ticketOf(order, chance, late, past.returned);
  const it: Experience = { ...troubleOf(order, device), deliveredAt, late, returned: past.returned, ticket };
  if (ticket) {
    const about = { ticket_id: `T-${order.key}`, topic: ticket.topic, subject: ticket.subject, order_id: order.key };
    say(ticket.openedAt, 'Ticket Opened', ticket.channel, about);
    const { hours, replies } = ticket;
    say(ticket.solvedAt, 'Ticket Solved', ticket.channel, { ...about, hours, replies });
    ask('support', ticket.solvedAt + 2 * HOUR, ofSupport(ticket, language, chance));
  }
  ask('order', inWorkingHours(deliveredAt + DAY, chance), ofOrder(it, language, chance));
  if (chance.yes(0.09)) {
    const stars = clamp(Math.round(5.3 - chance.around(0.6, 0.7) - (late ? 2.5 : 0) - (ticket ? 0.5 : 0)), 1, 5);
    const text = words(ofReview(it, stars, chance), language, chance);
    const place = { site: 'Gift reviews', url: `https://gift-ideas.example/reviews/the-gift-shop/${order.key}` };
    const review = { score: stars, scale: 5, text, language, ...place, order_id: order.key };
    say(inWorkingHours(deliveredAt + chance.whole(3, 16) * DAY, chance), 'Review Posted', 'social', review);
  }
  return { events, asked };
}

/** Days until an order is there: for some weeks many parcels are late. */
function deliveryOf({ key, at }: Order) {
  const chance = new Chance(`delivery ${key}`);
  const late = chance.yes(isBetween(at, FRICTION.lateParcels) ? 0.5 : 0.05);
  return { late, days: late ? chance.whole(8, 14) : chance.whole(2, 5) };
}

function ticketOf(order: Order, chance: Chance, late: boolean, returned: boolean) {
  if (!chance.yes(returned ? 0.5 : late ? 0.45 : 0.09)) return null;
  const [topic, subject] =
    late && chance.yes(0.9) ? TOPICS[0] : returned ? TOPICS[2] : chance.weighted(TOPICS.map((one) => [one, one[2]]));
  const channel = chance.of({ email: 50, phone: 34, chat: 16 });
  const openedAt = inWorkingHours(order.at + chance.whole(late ? 6 : 1, 9) * DAY, chance);
  // Those many parcels keep support busy.
  const usual = channel === 'email' ? 20 : 2;
  const hours = Math.ceil(chance.around(isBetween(order.at, FRICTION.lateParcels) ? usual * 2.2 : usual, 0.8));
  const replies = chance.whole(1, channel === 'email' ? 5 : 2);
  return { topic, subject, channel, openedAt, hours, replies, solvedAt: openedAt + hours * HOUR };
}

/** What went wrong in the shop itself. */
const troubleOf = ({ at }: Order, device: Device) => ({
  slow: device.form === 'phone' && at >= FRICTION.slowDelivery,
  paymentFailed: agentOf(device, at).includes(`Firefox/${BROKEN_FIREFOX}.`) && isBetween(at, FRICTION.paymentError),
});

const inWorkingHours = (at: number, chance: Chance) => at - (at % DAY) + chance.whole(9 * 60, 18 * 60) * 60_000;
