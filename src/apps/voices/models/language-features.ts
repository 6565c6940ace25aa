import { normalized } from './features.ts';

/** Weights of each language: a power of two. */
export const LANGUAGE_BUCKETS = 1 << 13;
const WORDS_READ = 120;

/** What of a text tells its language: its words, and pieces of two to four letters with where words begin and end. */
export function languageFeatures(text: string): Int32Array {
  const found: number[] = [];
  let words = 0;
  for (const [word] of normalized(text.slice(0, 1000)).matchAll(/\p{L}[\p{L}\p{M}'’]*/gu)) {
    if (++words > WORDS_READ) break;
    const framed = `_${word.slice(0, 24)}_`;
    found.push(bucketOf(framed));
    for (const length of [1, 2, 3, 4])
      for (let at = 0; at + length <= framed.length; at++)
        found.push(bucketOf(`${length}${framed.slice(at, at + length)}`));
  }
  return Int32Array.from(found);
}

/** FNV-1a over UTF-16 code units, its upper bits folded in. */
function bucketOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash ^= text.charCodeAt(at);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash ^ (hash >>> 15)) & (LANGUAGE_BUCKETS - 1);
}
