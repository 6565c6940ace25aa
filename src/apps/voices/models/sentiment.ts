import { readFileSync } from 'node:fs';
import { BUCKETS, featuresOf, isModelLanguage, type ModelLanguage, normalized, UNKNOWN_LANGUAGE } from './features.ts';

export const MOODS = ['positive', 'neutral', 'negative'] as const;
export type Mood = (typeof MOODS)[number];

/** Nearer to nothing than this, a text is taken for neutral. */
const NEUTRAL_WITHIN = 0.35;

export const moodOf = (sentiment: number): Mood =>
  Math.abs(sentiment) < NEUTRAL_WITHIN ? 'neutral' : sentiment > 0 ? 'positive' : 'negative';

interface Model {
  weights: Int8Array;
  /** What one step of a weight is worth. */
  scale: number;
  /** Platt's calibration: how far a score is to be trusted. */
  slope: number;
  shift: number;
}

const HEAD_BYTES = 24;
const models = new Map<ModelLanguage, Model>();

/** The weights that scripts/sentiment/train.ts made, read when first asked for. */
function modelOf(language: ModelLanguage): Model {
  const known = models.get(language);
  if (known) return known;
  const bytes = readFileSync(new URL(`./sentiment/${language}.bin`, import.meta.url));
  const [scale, slope, shift] = [0, 8, 16].map((at) => bytes.readDoubleLE(at)) as [number, number, number];
  const model = { weights: new Int8Array(bytes.buffer, bytes.byteOffset + HEAD_BYTES, BUCKETS), scale, slope, shift };
  models.set(language, model);
  return model;
}

/** Faces and signs that mean the same everywhere. */
const GLAD = /[😀-😆😉-😎😍😘😚🙂🤗🤩🥰🥳❤♥💕💖👍👏🎉🙏💯✨]|[:;=]-?[)Dp]/gu;
const SAD = /[😒-😔😞-😣😖😤-😩😫😭😠😡🤬🙁☹🤮🤢💩👎💔😕]|[:=]-?[(/\\|]/gu;
/** What one of them adds to a score, and how many count. */
const SIGN = 0.9;
const SIGNS = 2;

/**
 * How glad (1) or angry (-1) a text sounds; 0 is neither. Of all texts that get 0.6, about four in five are positive.
 * Null where the text says nothing of it: no words, or a language that there is no model for and no signs either.
 */
export function sentimentOf(text: string, language: string): number | null {
  const clean = normalized(text);
  const count = (pattern: RegExp) => clean.match(pattern)?.length ?? 0;
  const signs = Math.max(-SIGNS, Math.min(SIGNS, count(GLAD) - count(SAD)));
  const score = /\p{L}/u.test(clean) ? scoreIn(text, language) : null;
  if (score === null) return signs === 0 ? null : squashed(signs * SIGN);
  return squashed(score + signs * SIGN);
}

/** A word or two may be of any language ("super", "top"): then what those of Latin letters say together. */
function scoreIn(text: string, language: string): number | null {
  if (isModelLanguage(language)) return scoreOf(text, language);
  if (language !== UNKNOWN_LANGUAGE || !/\p{Script=Latin}/u.test(text)) return null;
  const scores = (['en', 'pl', 'it'] as const).flatMap((one) => scoreOf(text, one) ?? []);
  return scores.length === 0 ? null : scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

function scoreOf(text: string, language: ModelLanguage): number | null {
  const features = featuresOf(text, language);
  if (features.length === 0) return null;
  const { weights, scale, slope, shift } = modelOf(language);
  let sum = 0;
  for (const feature of features) sum += weights[feature]!;
  return (slope * scale * sum) / Math.sqrt(features.length) + shift;
}

const squashed = (score: number) => 2 / (1 + Math.exp(-score)) - 1;

/** A score that a customer gave, and the most that could be given. */
export interface Rating {
  score: number;
  scale: number;
  /** nps, csat, ces, rating … where it is known. */
  kind?: string | undefined;
}

/** What a given score says by itself, from -1 to 1. Those of NPS count as its inventors count them. */
export function ratingSentiment({ score, scale, kind }: Rating): number | null {
  if (!Number.isFinite(score) || !Number.isFinite(scale) || scale <= 0) return null;
  const least = kind === 'nps' || scale >= 10 || scale === 1 ? 0 : 1;
  if (score < Math.min(least, 0) || score > scale) return null;
  if (kind === 'nps') return score >= 9 ? score / 10 : score >= 7 ? (score - 7.5) / 5 : -0.4 - (0.6 * (6 - score)) / 6;
  return Math.max(-1, Math.min(1, (2 * (score - least)) / (scale - least) - 1));
}

/** What a voice's mood was taken from. */
export const BASES = ['text', 'rating', 'both', 'nothing', 'service', 'person'] as const;
export type Basis = (typeof BASES)[number];

/**
 * Text and rating together: half of each. A rating alone counts where the text says nothing. The basis says which, and
 * both are kept, so that nobody mistakes the one for the other.
 */
export function together(text: number | null, rating: number | null): { sentiment: number; basis: Basis } {
  if (text !== null && rating !== null) return { sentiment: (text + rating) / 2, basis: 'both' };
  if (text !== null) return { sentiment: text, basis: 'text' };
  return rating === null ? { sentiment: 0, basis: 'nothing' } : { sentiment: rating, basis: 'rating' };
}
