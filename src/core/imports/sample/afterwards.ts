import { messageIdOf } from '../events.ts';
import { Chance } from './chance.ts';
import type { Order } from './orders.ts';
import { FRICTION, TRAFFIC_TO } from './shop.ts';
import { customerIds, type SampleEvent } from './visit.ts';
import type { Device } from './visitors.ts';

/** Something that happened after an order: when, as London's clocks showed it, and the event without its time. */
export interface Aftermath {
  at: number;
  event: Omit<SampleEvent, 'timestamp'>;
}

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;

const TOPICS = [
  ['delivery', 'Where is my order?', 34],
  ['damage', 'Something arrived broken', 22],
  ['return', 'I would like to send something back', 18],
  ['invoice', 'A question about the invoice', 16],
  ['address', 'Can the address be changed?', 10],
] as const;

/** What a customer said of an order, and asked about it, in the days after it: surveys and support. */
export function afterOrder(order: Order, customer: string, device: Device, returned: boolean): Aftermath[] {
  const chance = new Chance(`after ${order.key}`);
  const found: Aftermath[] = [];
  const say = (at: number, event: string, channel: string, properties: Record<string, unknown>) => {
    if (at > TRAFFIC_TO) return;
    const messageId = messageIdOf(`sample after ${order.key}`, found.length);
    const externalIds = customerIds(customer);
    found.push({ at, event: { type: 'track', event, messageId, externalIds, channel, properties } });
  };
  const waited = device.form === 'phone' && order.at >= FRICTION.slowDelivery;
  const asked = chance.yes(returned ? 0.5 : 0.07);
  if (asked) {
    const topic = returned ? TOPICS[2] : chance.weighted(TOPICS.map((one) => [one, one[2]] as const));
    const channel = chance.of({ email: 50, phone: 34, chat: 16 });
    const ticket = { ticket_id: `T-${order.key}`, topic: topic[0], subject: topic[1], order_id: order.key };
    const opened = inWorkingHours(order.at + chance.whole(1, 9) * DAY, chance);
    const hours = Math.ceil(chance.around(channel === 'email' ? 20 : 2, 0.8));
    const replies = chance.whole(1, channel === 'email' ? 5 : 2);
    const solved = opened + hours * HOUR;
    say(opened, 'Ticket Opened', channel, ticket);
    say(solved, 'Ticket Solved', channel, { ...ticket, hours, replies });
    if (chance.yes(0.45)) {
      const effort = clamp(Math.round(chance.around(2, 0.4) + replies / 2 + hours / 48), 1, 7);
      say(solved + 2 * HOUR, 'Survey Answered', 'email', survey('ces', 'How easy was it to get help?', effort, ticket));
    }
    if (chance.yes(0.45)) {
      const score = clamp(Math.round(5.2 - hours / 30 - chance.around(0.5, 0.7)), 1, 5);
      say(solved + 3 * HOUR, 'Survey Answered', 'email', survey('csat', 'How was our help?', score, ticket));
    }
  }
  if (chance.yes(0.17)) {
    const score = clamp(Math.round(11.2 - chance.around(2, 0.6) - (asked ? 1.5 : 0) - (waited ? 2.5 : 0)), 0, 10);
    const at = inWorkingHours(order.at + chance.whole(4, 12) * DAY, chance);
    say(at, 'Survey Answered', 'email', survey('nps', 'Would you recommend us?', score, { order_id: order.key }));
  }
  return found;
}

function survey(type: string, name: string, score: number, about: Record<string, unknown>): Record<string, unknown> {
  return { survey_id: `sample-${type}`, survey_name: name, survey_type: type, score, ...about };
}

const clamp = (value: number, from: number, to: number) => Math.max(from, Math.min(to, value));

const inWorkingHours = (at: number, chance: Chance) => at - (at % DAY) + chance.whole(9 * 60, 18 * 60) * 60_000;
