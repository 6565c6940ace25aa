import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { csvAnswer } from '../../kernel/csv.ts';
import { PAGE_LIMIT } from '../../kernel/page.ts';
import { type AnswersFilter, anonymousOf, listAnswers, placeOf } from './answers-list.ts';
import type { Definition } from './definition.ts';
import { textIn } from './logic.ts';
import type { Question } from './question.ts';
import type { AnswerRow } from './shapes.ts';
import { versionOf, versionsOf } from './surveys.ts';

/** Versions that are looked through for questions which are not asked any more. */
const VERSIONS_READ = 50;
const ABOUT = [
  'id',
  'state',
  'startedAt',
  'completedAt',
  'seconds',
  'channel',
  'language',
  'version',
  'personId',
  'personName',
  'page',
  'ending',
] as const;

interface Column {
  name: string;
  of(row: AnswerRow): unknown;
}

/** Responses as a table: a column for each question of any version, for each row of a matrix, and for each hidden field. */
export async function answersCsv(
  context: Context,
  survey: { id: string; name: string },
  filter: AnswersFilter,
  options: { signal: AbortSignal; hide: (row: AnswerRow) => AnswerRow },
): Promise<Response> {
  const columns = await columnsOf(context, survey.id);
  const anonymous = (await anonymousOf(context, survey.id)) !== null;
  const item = z.object(Object.fromEntries(columns.map(({ name }) => [name, z.unknown()])));
  return csvAnswer({
    ...{ item, name: 'survey-answers', signal: options.signal },
    page: async (cursor) => {
      const after = cursor === undefined ? undefined : (JSON.parse(cursor) as { at: string; id: string });
      const rows = await listAnswers(context, survey.id, filter, { after, limit: PAGE_LIMIT });
      const last = rows.at(-1);
      return {
        items: rows
          .map(options.hide)
          .map((row) => Object.fromEntries(columns.map((column) => [column.name, column.of(row)]))),
        nextCursor: rows.length === PAGE_LIMIT && last ? JSON.stringify(placeOf(last, anonymous)) : null,
      };
    },
  });
}

async function columnsOf(context: Context, surveyId: string): Promise<Column[]> {
  const columns: Column[] = ABOUT.map((name) => ({ name, of: (row) => row[name] }));
  const taken = new Set<string>(ABOUT);
  const add = (name: string, of: Column['of']) => {
    // Two questions may say the same; a column has a name of its own.
    let own = name;
    for (let n = 2; taken.has(own); n += 1) own = `${name} (${n})`;
    taken.add(own);
    columns.push({ name: own, of });
  };
  const seen = new Set<string>();
  const fields = new Set<string>();
  for (const { version } of await versionsOf(context, surveyId, undefined, VERSIONS_READ)) {
    const definition = (await versionOf(context, surveyId, version))!;
    for (const name of definition.fields) fields.add(name);
    for (const question of definition.questions) {
      const key = `${question.id} ${question.kind}`;
      if (question.kind === 'statement' || seen.has(key)) continue;
      seen.add(key);
      addQuestion(definition, question, add);
    }
  }
  for (const name of fields) add(`field: ${name}`, (row) => row.fields[name]);
  return columns;
}

function addQuestion(definition: Definition, question: Question, add: (name: string, of: Column['of']) => void): void {
  const { defaultLanguage } = definition;
  const title = textIn(question.title, defaultLanguage, defaultLanguage) || question.id;
  if (question.kind !== 'matrix') {
    // Scores as numbers, so that they can be reckoned with; all else in words.
    add(title, ({ answers, said }) =>
      typeof answers[question.id] === 'number' ? answers[question.id] : said[question.id],
    );
    return;
  }
  for (const row of question.rows)
    add(`${title}: ${textIn(row.label, defaultLanguage, defaultLanguage) || row.id}`, ({ answers }) => {
      const chosen = (answers[question.id] as Record<string, string> | undefined)?.[row.id];
      const column = question.columns.find(({ id }) => id === chosen);
      return column && (textIn(column.label, defaultLanguage, defaultLanguage) || column.id);
    });
}
