import { parse } from 'csv-parse/sync';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';
import { hideAddresses, isPersonalKind } from '../people/hide.ts';
import { type IdentifierKind, loadKinds, normaliseIdentifier } from '../people/identifier.ts';
import type { Report } from '../query/report.ts';
import { peopleBehind } from '../query/run.ts';
import { audienceById } from './audience.ts';
import { refreshAudience } from './refresh.ts';

/** Bytes of an uploaded list, and lines in it. */
export const UPLOAD_BYTES = 10 * 1024 * 1024;
const UPLOAD_LINES = 500_000;
/** People on one list. */
const LISTED_LIMIT = 1_000_000;
/** Lines named that nobody was found for. */
const UNMATCHED_SHOWN = 20;
const AT_ONCE = 10_000;
const PEOPLE_AT_ONCE = 50_000;

export interface Upload {
  format: 'csv' | 'json';
  content: string;
  /** What a list without names of its own holds. */
  kind?: string | undefined;
  /** Whether those who were on the list before go. */
  replace: boolean;
  /** For whoever does not see personal data: whom an e-mail address belongs to could be tried one by one. */
  impersonal?: boolean | undefined;
}

export interface Uploaded {
  lines: number;
  /** People found, each once. */
  people: number;
  /** Lines for which nobody was found, and the numbers of the first of them, from 1. */
  unmatched: number;
  unmatchedLines: number[];
}

/** Identifiers of one line, in the order in which they are tried. */
type Line = { kind: IdentifierKind; value: string }[];

/**
 * Puts people on the list of a static audience, found by their identifiers; a line names one person, by the first of its
 * identifiers that somebody has. The file itself is not kept. Refuses with 400 what cannot be read.
 */
export async function uploadList(context: Context, id: number, upload: Upload): Promise<Uploaded> {
  await staticAudience(context, id);
  const all = await loadKinds(context.records.pool);
  const kinds = upload.impersonal ? new Map([...all].filter(([kind]) => !isPersonalKind(kind))) : all;
  const lines = upload.format === 'csv' ? csvLines(upload, kinds) : jsonLines(upload, kinds);
  if (upload.impersonal && lines.flat().some(({ value }) => hideAddresses(value) !== value))
    throw refuse.forbidden('The list has e-mail addresses, which your role does not see. Use other identifiers.');
  if (lines.length > UPLOAD_LINES)
    throw refuse.invalid(`A list may have ${UPLOAD_LINES.toLocaleString('en')} lines; this one has ${lines.length}.`);
  const found = await peopleOf(context, lines);
  const people = [...new Set(found.filter((one) => one !== null))];
  await putOnList(context, id, people, upload.replace);
  const unmatched = found.flatMap((one, index) => (one === null ? [index + 1] : []));
  return {
    lines: lines.length,
    people: people.length,
    unmatched: unmatched.length,
    unmatchedLines: unmatched.slice(0, UNMATCHED_SHOWN),
  };
}

async function staticAudience(context: Context, id: number): Promise<void> {
  const audience = await audienceById(context, id);
  if (audience.archivedAt) throw refuse.conflict('The audience is archived. Restore it first.');
  if (audience.definition.is !== 'static')
    throw refuse.conflict('The people of this audience follow from its conditions; only a list takes people.');
}

function csvLines({ content, kind }: Upload, kinds: ReadonlyMap<string, IdentifierKind>): Line[] {
  let rows: string[][];
  try {
    rows = parse(content, {
      bom: true,
      delimiter: [',', ';', '\t'],
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      to: UPLOAD_LINES + 2,
    });
  } catch (error) {
    throw refuse.invalid(`The list cannot be read as CSV: ${(error as Error).message.slice(0, 200)}`);
  }
  const header = (rows[0] ?? []).map((name) => matching(kinds, name));
  if (header.some(Boolean)) return rows.slice(1).map((row) => lineOf(header, row));
  const only = kind === undefined ? undefined : matching(kinds, kind);
  if (!only) throw refuse.invalid(`The first line must name what the columns hold: ${namesOf(kinds)}.`);
  return rows.map((row) => lineOf([only], row));
}

function jsonLines({ content, kind }: Upload, kinds: ReadonlyMap<string, IdentifierKind>): Line[] {
  let list: unknown;
  try {
    list = JSON.parse(content);
  } catch (error) {
    throw refuse.invalid(`The list cannot be read as JSON: ${(error as Error).message.slice(0, 200)}`);
  }
  if (!Array.isArray(list)) throw refuse.invalid('The list must be an array of texts or of objects.');
  const only = kind === undefined ? undefined : matching(kinds, kind);
  return list.map((one: unknown, index) => {
    if (typeof one === 'string' || typeof one === 'number') {
      if (!only) throw refuse.invalid(`Say what the texts of the list are: ${namesOf(kinds)}.`);
      return lineOf([only], [String(one)]);
    }
    if (typeof one !== 'object' || one === null) throw refuse.invalid(`Line ${index + 1} is no text and no object.`);
    const named = Object.entries(one).filter(([, value]) => typeof value === 'string' || typeof value === 'number');
    return lineOf(
      named.map(([name]) => matching(kinds, name)),
      named.map(([, value]) => String(value)),
    );
  });
}

/** A kind of identifier by what people call it; kinds that several people may share name nobody. */
function matching(kinds: ReadonlyMap<string, IdentifierKind>, name: string): IdentifierKind | undefined {
  const plain = name
    .trim()
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_')
    .replace(/^e_mail$/, 'email');
  const kind = kinds.get(plain);
  return kind?.isUnique ? kind : undefined;
}

const namesOf = (kinds: ReadonlyMap<string, IdentifierKind>) =>
  [...kinds.values()]
    .filter((kind) => kind.isUnique)
    .map((kind) => kind.kind)
    .join(', ');

function lineOf(header: readonly (IdentifierKind | undefined)[], cells: readonly string[]): Line {
  return cells
    .flatMap((cell, index) => {
      const kind = header[index];
      const value = kind && normaliseIdentifier(kind, cell);
      return kind && value ? [{ kind, value }] : [];
    })
    .sort((a, b) => a.kind.priority - b.kind.priority);
}

/** Whom each line is about, as first met; null where nobody has any of its identifiers. */
async function peopleOf({ records }: Context, lines: readonly Line[]): Promise<(number | null)[]> {
  const all = lines.flat();
  const known = new Map<string, number>();
  const key = (kind: number, value: string) => `${kind}\0${value}`;
  for (let at = 0; at < all.length; at += AT_ONCE) {
    const some = all.slice(at, at + AT_ONCE);
    const { rows } = await records.pool.query<{ kind: number; value: string; person: number }>(
      `SELECT i.kind_id AS kind, i.value, i.person_id AS person FROM unnest($1::text[], $2::int[]) AS asked (value, kind)
       JOIN identifiers i ON i.value = asked.value AND i.kind_id = asked.kind`,
      [some.map((one) => one.value), some.map((one) => one.kind.id)],
    );
    for (const row of rows) known.set(key(row.kind, row.value), row.person);
  }
  return lines.map((line) => {
    const found = line.find((one) => known.has(key(one.kind.id, one.value)));
    return found ? known.get(key(found.kind.id, found.value))! : null;
  });
}

async function putOnList(context: Context, id: number, people: readonly number[], replace: boolean): Promise<void> {
  await context.records.transaction(async (client) => {
    await client.query('SELECT FROM audiences WHERE id = $1 FOR UPDATE', [id]);
    if (replace) await client.query('DELETE FROM audiences_listed WHERE audience_id = $1', [id]);
    for (let at = 0; at < people.length; at += AT_ONCE) {
      await client.query(
        `INSERT INTO audiences_listed SELECT $1, p.id FROM unnest($2::bigint[]) AS asked (id) JOIN persons p ON p.id = asked.id
         ON CONFLICT DO NOTHING`,
        [id, people.slice(at, at + AT_ONCE)],
      );
    }
    const { rows } = await client.query<{ count: number }>(
      'SELECT count(*) AS count FROM audiences_listed WHERE audience_id = $1',
      [id],
    );
    if (rows[0]!.count > LISTED_LIMIT)
      throw refuse.invalid(
        `A list may have ${LISTED_LIMIT.toLocaleString('en')} people; this would be ${rows[0]!.count}.`,
      );
    await client.query('UPDATE audiences SET changed_at = now() WHERE id = $1', [id]);
  });
  await refreshAudience(context, id, { full: true });
}

/** Puts the people behind a part of a report on the list of a static audience. Returns how many. */
export async function listBehind(
  context: Context,
  id: number,
  { report, part }: { report: Report; part: unknown },
  signal?: AbortSignal,
): Promise<number> {
  await staticAudience(context, id);
  const people: number[] = [];
  for (let after = 0; ; ) {
    const page = await peopleBehind(context, report, part, { after, limit: PEOPLE_AT_ONCE }, { signal });
    for (const one of page) people.push(one);
    if (people.length > LISTED_LIMIT)
      throw refuse.invalid(`A list may have ${LISTED_LIMIT.toLocaleString('en')} people; behind this are more.`);
    if (page.length < PEOPLE_AT_ONCE) break;
    after = page.at(-1)!;
  }
  await putOnList(context, id, people, false);
  return people.length;
}
