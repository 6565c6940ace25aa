/**
 * Makes the sentiment models that are shipped, and prints how right they are on what they were not trained on:
 *   node scripts/sentiment/train.ts <folder with the clones> [--dry]
 * The clones and their commits are named in data.ts. The same data gives the same models.
 */
import { writeFileSync } from 'node:fs';
import { BUCKETS, featuresOf, MODEL_LANGUAGES, type ModelLanguage } from '../../src/apps/voices/models/features.ts';
import { partsOf, readSets, readWords, type Sample } from './data.ts';

const PASSES = 8;
const RATE = 0.15;
const DECAY = 2e-6;
/** How often a word of ours is shown in a pass: beside tens of thousands of texts one would not be noticed. */
const WORD_REPEATS = 6;

const [folder = '', ...flags] = process.argv.slice(2);
const sets = readSets(folder);

interface Row {
  features: Int32Array;
  mood: number;
  weight: number;
}

for (const language of MODEL_LANGUAGES) {
  const train: Row[] = [];
  const tune: Row[] = [];
  const tests: { name: string; rows: Row[] }[] = [];
  for (const set of sets[language]) {
    const parts = partsOf(set);
    train.push(...parts.train.map((sample) => row(sample, language)));
    tune.push(...parts.tune.map((sample) => row(sample, language)));
    tests.push({ name: set.name, rows: parts.test.map((sample) => row(sample, language)) });
  }
  const words = readWords(language).map((sample) => row(sample, language));
  for (let at = 0; at < WORD_REPEATS; at++) train.push(...words);
  const weights = learn(train);
  const scale = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0) / 127;
  const small = Int8Array.from(weights, (weight) => Math.round(weight / scale));
  const calibration = calibrate(small, scale, tune);
  console.log(
    `${language}: ${train.length} samples, slope ${calibration[0].toFixed(3)}, shift ${calibration[1].toFixed(3)}`,
  );
  for (const { name, rows } of tests) console.log(`  ${name}: ${report(small, scale, calibration, rows)}`);
  if (!flags.includes('--dry')) write(language, small, scale, calibration);
}

function row(sample: Sample, language: ModelLanguage): Row {
  return { features: featuresOf(sample.text, language), mood: sample.mood, weight: sample.weight };
}

/** Logistic regression by AdaGrad; both moods weigh the same. */
function learn(rows: Row[]): Float64Array {
  const weights = new Float64Array(BUCKETS);
  const squares = new Float64Array(BUCKETS).fill(1e-4);
  const positive = rows.reduce((sum, one) => sum + (one.mood === 1 ? one.weight : 0), 0);
  const negative = rows.reduce((sum, one) => sum + (one.mood === 0 ? one.weight : 0), 0);
  const random = generator(20_260_101);
  for (let pass = 0; pass < PASSES; pass++) {
    for (let at = rows.length - 1; at > 0; at--) {
      const other = Math.floor(random() * (at + 1));
      [rows[at], rows[other]] = [rows[other]!, rows[at]!];
    }
    for (const { features, mood, weight } of rows) {
      if (features.length === 0) continue;
      const size = 1 / Math.sqrt(features.length);
      const even =
        mood === 0.5 ? 1 : mood === 1 ? (positive + negative) / (2 * positive) : (positive + negative) / (2 * negative);
      const slope = (sigmoid(score(weights, features)) - mood) * size * weight * even;
      for (const feature of features) {
        const step = slope + DECAY * weights[feature]!;
        squares[feature]! += step * step;
        weights[feature]! -= (RATE * step) / Math.sqrt(squares[feature]!);
      }
    }
  }
  return weights;
}

function score(weights: ArrayLike<number>, features: Int32Array): number {
  let sum = 0;
  for (const feature of features) sum += weights[feature]!;
  return features.length === 0 ? 0 : sum / Math.sqrt(features.length);
}

/** Platt's: how far a score is to be trusted, learned on texts that the weights have not seen. */
function calibrate(weights: Int8Array, scale: number, rows: Row[]): [slope: number, shift: number] {
  let [slope, shift] = [1, 0];
  const told = rows.map((one) => [score(weights, one.features) * scale, one.mood, one.weight] as const);
  for (let pass = 0; pass < 2000; pass++) {
    let [bySlope, byShift, all] = [0, 0, 0];
    for (const [value, mood, weight] of told) {
      const wrong = (sigmoid(slope * value + shift) - mood) * weight;
      bySlope += wrong * value;
      byShift += wrong;
      all += weight;
    }
    slope -= (0.5 * bySlope) / all;
    shift -= (0.5 * byShift) / all;
  }
  return [slope, shift];
}

/** Of two moods where the text has one; of three where the set knows neutral ones. */
function report(weights: Int8Array, scale: number, [slope, shift]: [number, number], rows: Row[]): string {
  const moods = rows.map((one) => ({
    ...one,
    said: 2 * sigmoid(slope * score(weights, one.features) * scale + shift) - 1,
  }));
  const two = moods.filter((one) => one.mood !== 0.5);
  const right = two.filter((one) => one.said > 0 === (one.mood === 1)).length;
  const three = moods.filter((one) => (Math.abs(one.said) < 0.35 ? 0.5 : one.said > 0 ? 1 : 0) === one.mood).length;
  const neutral = moods.length - two.length;
  return `two moods ${((100 * right) / two.length).toFixed(1)} % of ${two.length}${
    neutral > 0 ? `, three ${((100 * three) / moods.length).toFixed(1)} % of ${moods.length}` : ''
  }`;
}

function write(language: ModelLanguage, weights: Int8Array, scale: number, [slope, shift]: [number, number]): void {
  const head = new Float64Array([scale, slope, shift]);
  const file = new URL(`../../src/apps/voices/models/sentiment/${language}.bin`, import.meta.url);
  writeFileSync(file, Buffer.concat([Buffer.from(head.buffer), Buffer.from(weights.buffer)]));
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

/** Mulberry32: the same order each time. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
