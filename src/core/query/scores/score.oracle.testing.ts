import type { TestEvent } from '../events.testing.ts';

interface Answer {
  score: number;
  at: number;
  device: string;
  person: number;
}

/** The answers that count, as plainly as can be: of those to the same question of the same response the last. */
export function oracleAnswers(
  events: readonly TestEvent[],
  { from, to }: { from: number; to: number },
  personOf: (origin: number) => number,
): Answer[] {
  const last = new Map<string, Answer>();
  events.forEach((event, index) => {
    const at = new Date(event.at).getTime();
    const { score, kind, responseId, questionId } = (event.properties ?? {}) as Record<string, string | number>;
    if (event.name !== 'Question Answered' || kind !== 'nps' || at < from || at >= to) return;
    const key = responseId ? `${responseId}/${questionId}` : `alone ${index}`;
    const before = last.get(key);
    if (!before || before.at < at)
      last.set(key, { score: Number(score), at, device: event.device ?? '', person: personOf(event.person) });
  });
  return [...last.values()];
}

export function oracleNps(answers: readonly Answer[]): number | null {
  if (answers.length === 0) return null;
  const promoters = answers.filter(({ score }) => score === 9 || score === 10).length;
  const detractors = answers.filter(({ score }) => score < 7).length;
  return (promoters - detractors) / answers.length;
}
