/**
 * Makes the model that tells languages of Latin letters apart, and prints how right it is on texts that it was not trained on:
 *   node scripts/sentiment/train-language.ts <folder with the clones> [--dry]
 */
import { writeFileSync } from 'node:fs';
import { LANGUAGE_BUCKETS, languageFeatures } from '../../src/apps/voices/models/language-features.ts';
import { readLanguages } from './data.ts';

const PASSES = 6;
const RATE = 0.3;
const [folder = '', ...flags] = process.argv.slice(2);
const sets = readLanguages(folder);
const languages = Object.keys(sets).sort();
const SIZE = languages.length;

interface Row {
  features: Int32Array;
  is: number;
}
const train: Row[] = [];
const tests = new Map<string, Row[]>();
for (const language of languages) {
  const is = languages.indexOf(language);
  const unique = [...new Set(sets[language]!.map((text) => text.trim()))].filter((text) => /\p{L}{2}/u.test(text));
  const own: Row[] = [];
  for (const [at, text] of unique.entries())
    (at % 10 === 3 ? own : train).push({ features: languageFeatures(text), is });
  tests.set(language, own);
}
const counts = languages.map((_, is) => train.filter((row) => row.is === is).length);
const most = Math.max(...counts);

/** Softmax regression by AdaGrad: weights by bucket, then language. */
const weights = new Float64Array(LANGUAGE_BUCKETS * SIZE);
const squares = new Float64Array(LANGUAGE_BUCKETS * SIZE).fill(1e-4);
const random = generator(20_260_102);
for (let pass = 0; pass < PASSES; pass++) {
  for (let at = train.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [train[at], train[other]] = [train[other]!, train[at]!];
  }
  for (const { features, is } of train) {
    const size = 1 / Math.sqrt(features.length);
    const told = shares(scores(weights, features));
    const even = Math.sqrt(most / counts[is]!);
    for (let one = 0; one < SIZE; one++) {
      const slope = (told[one]! - (one === is ? 1 : 0)) * size * even;
      if (Math.abs(slope) < 1e-5) continue;
      for (const feature of features) {
        const place = feature * SIZE + one;
        squares[place]! += slope * slope;
        weights[place]! -= (RATE * slope) / Math.sqrt(squares[place]!);
      }
    }
  }
}
const scale = weights.reduce((largest, weight) => Math.max(largest, Math.abs(weight)), 0) / 127;
const small = Int8Array.from(weights, (weight) => Math.round(weight / scale));
console.log(`${train.length} texts, ${SIZE} languages, scale ${scale}`);
for (const [language, rows] of tests) {
  const right = rows.filter((row) => best(scores(small, row.features)) === row.is).length;
  console.log(`  ${language}: ${((100 * right) / rows.length).toFixed(1)} % of ${rows.length}`);
}
if (!flags.includes('--dry')) {
  const head = Buffer.from(`${JSON.stringify({ languages, scale })}\n`);
  const file = new URL('../../src/apps/voices/models/sentiment/languages.bin', import.meta.url);
  writeFileSync(file, Buffer.concat([head, Buffer.from(small.buffer)]));
}

function scores(from: ArrayLike<number>, features: Int32Array): Float64Array {
  const sums = new Float64Array(SIZE);
  for (const feature of features) for (let one = 0; one < SIZE; one++) sums[one]! += from[feature * SIZE + one]!;
  return sums.map((sum) => sum / Math.sqrt(features.length));
}

function shares(sums: Float64Array): Float64Array {
  const top = Math.max(...sums);
  const powers = sums.map((sum) => Math.exp(sum - top));
  const all = powers.reduce((sum, one) => sum + one, 0);
  return powers.map((one) => one / all);
}

function best(sums: Float64Array): number {
  return sums.indexOf(Math.max(...sums));
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
