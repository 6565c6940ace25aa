import type { Field } from '../field.ts';
import type { What } from '../matching.ts';
import type { Span } from '../period.ts';
import type { Scope } from '../scope.ts';
import { VALUE_LENGTH } from '../trends/schema.ts';
import type { ScoreOf } from './schema.ts';

/** The events that surveys tell (apps/surveys). */
export const ANSWERED = 'Question Answered';
export const SHOWN = 'Survey Shown';

/** Which events a score is made of: the answers to questions of its kind unless told. */
export const whatOf = ({ what, of }: { what?: What | undefined; of: ScoreOf }): What =>
  what ?? {
    events: [{ name: ANSWERED, where: { field: { of: 'property', name: 'kind' }, is: 'is', values: [of] } }],
  };

export const property = (name: string) => ({ of: 'property', name }) as const;

/** A value of a field, as far as values are told apart. */
export const valueSql = (scope: Scope, field: Field) => `substringUTF8(${scope.field(field).text}, 1, ${VALUE_LENGTH})`;

/** Conditions of `scope.where`: events of a score that have a number; those that took one back too, where they are to be seen. */
export const scored = (scope: Scope, what: What, withdrawn = false) => [
  scope.names([what]) ?? undefined,
  scope.what(what),
  `(${scope.field(property('score')).number} IS NOT NULL${
    withdrawn ? ` OR ${scope.field(property('withdrawn')).text} = 'true'` : ''
  })`,
];

/**
 * Each answer once: of those with the same response and question the last, unless that took it back. Rows of score, scale, person and what is asked
 * for beside, by name; scores without a scale are of the usual one.
 */
export function answersSql(
  scope: Scope,
  { of }: { of: ScoreOf },
  what: What,
  span: Span,
  beside: Readonly<Record<string, string>>,
): string {
  const [given, top] = [scope.field(property('score')).number, scope.field(property('scale')).number];
  const [response, question] = [scope.field(property('responseId')).text, scope.field(property('questionId')).text];
  const columns: Record<string, string> = {
    ...beside,
    counts: `${given} IS NOT NULL`,
    score: `ifNull(${given}, 0)`,
    scale: `ifNull(${top}, ${of === 'nps' ? 10 : 5})`,
    person: scope.person,
  };
  const where = scope.where(span, ...scored(scope, what, true));
  return `SELECT ${Object.keys(columns)
    .map((name, index) => `last.${index + 1} AS ${name}`)
    .join(', ')} FROM (
SELECT argMax((${Object.values(columns).join(', ')}), (e.timestamp, e.received_at, e.event_id)) AS last
${scope.from()}
${where}
GROUP BY if(${response} = '', toString(e.event_id), concat(${response}, '\\0', ${question}))
) WHERE counts`;
}
