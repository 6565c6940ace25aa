import type { Context } from '../../kernel/context.ts';

/**
 * Last words of the name of a property or trait that holds what somebody typed: a comment, a message, a note. In English,
 * Polish, Italian, Russian and Chinese. What people type may tell anything, so it is personal as a whole.
 */
const SAID = new Set(
  `comment comments feedback message remark remarks review reviews complaint opinion testimonial note notes
  komentarz komentarze wiadomosc wiadomość uwaga uwagi opinia opinie notatka notatki reklamacja
  commento commenti messaggio recensione nota opinione reclamo
  комментарий сообщение отзыв жалоба примечание заметка`.split(/\s+/),
);
/** The same in Chinese, which is written without spaces. */
const ENDINGS = ['评论', '留言', '反馈', '备注', '意见', '评价'];
/** What one of these says was written by a program, or by the company. */
const NOT_SAID = new Set(
  'error exception system push campaign commit status warning validation log debug toast release template'.split(' '),
);

/** Whether the words of a name say that its value was typed by somebody. */
export const looksSaid = (words: readonly string[]): boolean =>
  ENDINGS.some((ending) => words.at(-1)?.endsWith(ending)) ||
  (SAID.has(words.at(-1) ?? '') && !words.some((word) => NOT_SAID.has(word)));

/** A property of a track event that holds what a customer said in words of their own. */
export interface SaidField {
  event: string;
  path: string;
}

type Source = (context: Pick<Context, 'records'>) => Promise<readonly SaidField[]>;
const sources: Source[] = [];
/** Tells which properties hold what customers say; an app that asks or listens registers here. */
export const registerSaid = (source: Source): void => void sources.push(source);

/** Their paths by the name of the event, also by the name that the catalogue gives it. */
export async function saidFields(context: Pick<Context, 'records'>): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const fields = (await Promise.all(sources.map((source) => source(context)))).flat();
  const { rows } = await context.records.pool.query<{ name: string; canonical: string }>(
    "SELECT name, canonical FROM catalogue_names WHERE type = 'track' AND name = ANY ($1::text[])",
    [[...new Set(fields.map(({ event }) => event))]],
  );
  const said = new Map<string, Set<string>>();
  for (const { event, path } of fields)
    for (const name of [event, ...rows.flatMap((row) => (row.name === event ? row.canonical : []))])
      said.set(name, (said.get(name) ?? new Set()).add(path));
  return said;
}
