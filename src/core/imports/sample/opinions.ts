import type { Language } from '../../../kernel/text.ts';
import type { Chance } from './chance.ts';
import type { SampleEvent } from './visit.ts';
import { type Theme, words } from './words.ts';

/** What a customer of the sample company was asked, and what they said to it if they did. */
export interface Opinion {
  /** The same for the same one, whenever the sample is made. */
  id: string;
  about: 'order' | 'support';
  customer: string;
  /** The device with which they had ordered. */
  anonymousId: string;
  language: Language;
  /** Milliseconds since 1970, as is `said.at`. */
  askedAt: number;
  said: Said | null;
}

interface Said {
  at: number;
  /** Of an order 0 to 10: would they recommend the shop; of support 1 to 5: how content they are. */
  score: number;
  /** Empty where they left none. */
  text: string;
  mayWrite: boolean;
  /** Of support alone: how easy it was, 1 to 7; and what came of it. */
  ease: number;
  solved: 'yes' | 'partly' | 'no';
}

/** Makes events of an opinion, that of the asking first, and what else an app keeps of it. */
export type Tell = (opinion: Opinion, facts: unknown) => { events: SampleEvent[]; kept: unknown };

/** What happened to a customer with an order. Times are what London's clocks showed, in milliseconds as if in UTC. */
export interface Experience {
  deliveredAt: number;
  late: boolean;
  /** The page on which the delivery is chosen was slow. */
  slow: boolean;
  paymentFailed: boolean;
  returned: boolean;
  /** What they asked support. */
  ticket: { topic: string; hours: number; replies: number; solvedAt: number } | null;
}

/** Of those who are asked; the angry answer more often. */
const ANSWERS = { content: 0.5, angry: 0.68 };
const HOUR = 60 * 60_000;

/** Whether somebody recommends the shop after such an experience. */
export function ofOrder(it: Experience, language: Language, chance: Chance): Omit<Said, 'at'> | null {
  const ofTicket = it.ticket === null ? 0 : it.ticket.hours > 30 ? 2 : 0.7;
  const lost = (it.late ? 4 : 0) + (it.paymentFailed ? 2.5 : 0) + (it.slow ? 1.5 : 0) + ofTicket;
  const score = clamp(Math.round(10.3 - chance.around(1.7, 0.6) - lost), 0, 10);
  if (!chance.yes(lost >= 3 ? ANSWERS.angry : ANSWERS.content)) return null;
  const text = chance.yes(score < 7 ? 0.85 : 0.55) ? words(themeOf(it, score, chance), language, chance) : '';
  return { score, text, mayWrite: chance.yes(0.75), ease: 0, solved: 'yes' };
}

/** How content somebody is with the help they got. */
export function ofSupport(
  { hours, replies }: NonNullable<Experience['ticket']>,
  language: Language,
  chance: Chance,
): Omit<Said, 'at'> | null {
  const score = clamp(Math.round(5.4 - hours / 24 - chance.around(0.5, 0.7)), 1, 5);
  const ease = clamp(Math.round(7.8 - replies / 1.5 - hours / 30 - chance.around(0.6, 0.5)), 1, 7);
  if (!chance.yes(0.55)) return null;
  const theme = score >= 4 ? 'supportGood' : 'supportSlow';
  const text = score !== 3 && chance.yes(0.5) ? words(theme, language, chance) : '';
  return { score, text, mayWrite: true, ease, solved: score >= 4 ? 'yes' : score === 3 ? 'partly' : 'no' };
}

/** Between being asked and the end of the answers. */
export const repliesAfter = (chance: Chance) => Math.round(chance.around(5, 1) * HOUR);

function themeOf(it: Experience, score: number, chance: Chance): Theme {
  if (score >= 9) return it.ticket && chance.yes(0.5) ? 'supportGood' : 'praise';
  if (it.late) return 'late';
  if (it.ticket?.topic === 'damage') return 'damaged';
  if (it.paymentFailed) return 'payment';
  if (it.slow) return 'slow';
  if (it.returned) return 'returns';
  if (it.ticket && it.ticket.hours > 30) return 'supportSlow';
  return score >= 7 ? 'middling' : chance.pick(['price', 'quality', 'stock', 'quality']);
}

/** Words of a review, by its stars. */
export const ofReview = (it: Experience, stars: number, chance: Chance): Theme => themeOf(it, stars * 2 - 1, chance);

export const clamp = (value: number, from: number, to: number) => Math.max(from, Math.min(to, value));
