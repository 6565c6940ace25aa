import type pg from 'pg';
import { type IdentifierKind, loadKinds, normaliseIdentifier } from './identifier.ts';
import { onWordIndex, peopleWithWords, wordShares } from './search-rows.ts';
import { oneErrorAway, typingErrors, wordCode, wordsOf } from './words.ts';

/** Words of what is typed that are looked for; more than that nobody types on purpose. */
const TOKENS_LIMIT = 6;

/** Words that a beginning stands for, at most. */
const BEGINNING_WORDS = 300;

/** Words that a misspelt one may mean, at most: the nearest. */
const MEANT_WORDS = 60;

/** Shorter words have no typing errors: too many others are near. */
const SHORTEST_MISSPELT = 3;

/** From this length on a word is also found by its first half, and its beginning may be misspelt. */
const SHORTEST_HALF_RIGHT = 6;

/** From this length on there may be two errors. */
const SHORTEST_TWO_ERRORS = 8;

/** Words compared letter by letter with a misspelt one, at most. */
const COMPARED_WORDS = 4000;

/** Results of a search that can be paged through. */
export const SEARCH_LIMIT = 1000;

/** With this many people found, nobody asks for what else may have been meant. */
const ENOUGH = 10;

const LAST_CHARACTER = '\u{10ffff}';

/**
 * Finds people by what is typed, best first: an identifier that is exactly it, then all words exactly, then words and
 * identifiers that begin with them, then words that differ by a typing error (one; in words of 8 letters and more two where
 * the first half is right). Newer people come first where that is equal. Returns people, up to `count`; one merged a moment
 * ago may be among them under its earlier ID.
 */
export async function searchPeople(records: pg.Pool, typed: string, count: number): Promise<number[]> {
  const found = new Set<number>();
  const limit = Math.min(count, SEARCH_LIMIT);
  const add = (ids: readonly number[]) => {
    for (const id of ids) if (found.size < limit) found.add(id);
    return found.size >= limit;
  };
  const query = typed.trim().toWellFormed().replaceAll('\0', '');
  if (query === '') return [];
  const tokens = [...new Set(wordsOf(query))].slice(0, TOKENS_LIMIT);
  const kinds = [...(await loadKinds(records)).values()];
  if (add(await withIdentifier(records, kinds, query))) return [...found];
  const identified = found.size > 0;
  const begins = await withIdentifierBeginning(records, query, limit);
  if (tokens.length === 0) add(begins);
  if (tokens.length === 0) return [...found];
  const shares = await wordShares(records);
  // One connection for all that follows: a search that held one and waited for another could wait for itself.
  await onWordIndex(records, async (client) => {
    const withWords = (lists: number[][]) => peopleWithWords(client, shares, lists, limit);
    if (add(await withWords(tokens.map((token) => [wordCode(token)])))) return;
    const spelt = tokens.length > 1 && found.size > 0;
    if (add(begins)) return;
    const begun: number[][] = [];
    for (const token of tokens) begun.push(await beginningWith(client, token));
    if (add(await withWords(begun)) || identified || spelt || found.size >= ENOUGH) return;
    const meant: number[][] = [];
    for (const token of tokens) meant.push(await misspelt(client, token));
    if (meant.some((words) => words.length > 0))
      add(await withWords(begun.map((words, i) => [...words, ...meant[i]!])));
  });
  return [...found];
}

async function withIdentifier(records: pg.Pool, kinds: readonly IdentifierKind[], query: string): Promise<number[]> {
  const forms = kinds.flatMap((kind) => {
    const value = normaliseIdentifier(kind, query);
    return value === null ? [] : [{ kind: kind.id, value }];
  });
  if (forms.length === 0) return [];
  const { rows } = await records.query<{ root_id: number }>({
    name: 'people-by-identifier',
    text: `SELECT p.root_id FROM unnest($1::smallint[], $2::text[]) WITH ORDINALITY AS f (kind_id, value, n)
           JOIN identifiers i ON i.value = f.value AND i.kind_id = f.kind_id
           JOIN persons p ON p.id = i.person_id ORDER BY f.n`,
    values: [forms.map((form) => form.kind), forms.map((form) => form.value)],
  });
  return rows.map((row) => row.root_id);
}

async function withIdentifierBeginning(records: pg.Pool, query: string, limit: number): Promise<number[]> {
  if (query.length < 3) return [];
  const forms = [...new Set([query, query.toLowerCase(), query.toUpperCase()])];
  const { rows } = await records.query<{ root_id: number }>({
    name: 'people-by-identifier-beginning',
    text: `SELECT p.root_id FROM unnest($1::text[], $2::text[]) AS f (low, high)
           CROSS JOIN LATERAL (SELECT person_id FROM identifiers WHERE value COLLATE "C" >= low AND value COLLATE "C" < high
             ORDER BY value COLLATE "C" LIMIT $3) i
           JOIN persons p ON p.id = i.person_id`,
    values: [forms, forms.map((form) => form + LAST_CHARACTER), limit],
  });
  return rows.map((row) => row.root_id);
}

/** Codes of the words that begin with a token, itself among them. */
async function beginningWith(client: pg.PoolClient, token: string): Promise<number[]> {
  const characters = [...token].length;
  if (characters === 2 || characters === 3) return [wordCode(`*${token}`)];
  const words = characters === 1 ? await shortBeginningsWith(client, token) : await longerWords(client, token);
  return [wordCode(token), ...words.map(wordCode)];
}

async function longerWords(client: pg.PoolClient, beginning: string): Promise<string[]> {
  const { rows } = await client.query<{ word: string }>({
    name: 'words-beginning',
    text: 'SELECT word FROM search_words WHERE word >= $1 AND word < $2 ORDER BY word LIMIT $3',
    values: [beginning, beginning + LAST_CHARACTER, BEGINNING_WORDS],
  });
  return rows.map((row) => row.word);
}

/** Of one character: the beginnings of two that begin with it. */
async function shortBeginningsWith(client: pg.PoolClient, character: string): Promise<string[]> {
  const { rows } = await client.query<{ word: string }>({
    name: 'beginnings-of-two',
    text: 'SELECT word FROM search_words WHERE word >= $1 AND word < $2 AND length(word) = 3 LIMIT $3',
    values: [`*${character}`, `*${character}${LAST_CHARACTER}`, BEGINNING_WORDS],
  });
  return rows.map((row) => row.word);
}

/** Codes of the words that a token may mean if it is misspelt, the nearest first. */
async function misspelt(client: pg.PoolClient, token: string): Promise<number[]> {
  const letters = [...token].length;
  if (letters < SHORTEST_MISSPELT || /^\p{N}/u.test(token)) return [];
  const { rows } = await client.query<{ word: string }>({
    name: 'words-one-error-away',
    text: 'SELECT word FROM search_words WHERE word = ANY ($1::text[])',
    values: [oneErrorAway(token)],
  });
  const meant = new Set(rows.map((row) => row.word));
  if (letters >= SHORTEST_HALF_RIGHT) for (const word of await halfRight(client, token)) meant.add(word);
  return [...meant].slice(0, MEANT_WORDS).map(wordCode);
}

/** Words whose first half is as typed, and whose second half has up to two errors or has been typed in part only. */
async function halfRight(client: pg.PoolClient, token: string): Promise<string[]> {
  const { rows } = await client.query<{ word: string }>({
    name: 'words-half-right',
    text: 'SELECT word FROM search_words WHERE word >= $1 AND word < $2 AND length(word) >= $3 LIMIT $4',
    values: [
      token.slice(0, token.length >> 1),
      token.slice(0, token.length >> 1) + LAST_CHARACTER,
      token.length - 2,
      COMPARED_WORDS,
    ],
  });
  const near: { word: string; errors: number }[] = [];
  for (const { word } of rows) {
    const errors = Math.min(
      typingErrors(token, word, token.length >= SHORTEST_TWO_ERRORS ? 2 : 1),
      typingErrors(token, word.slice(0, token.length), 1),
      typingErrors(token, word.slice(0, token.length + 1), 1),
    );
    if (errors <= 2 && errors <= (token.length >= SHORTEST_TWO_ERRORS ? 2 : 1)) near.push({ word, errors });
  }
  return near.sort((a, b) => a.errors - b.errors).map(({ word }) => word);
}
