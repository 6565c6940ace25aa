import type { JourneyMapResult, Score, StageResult } from '../../../../src/core/query/journey-map/journey-map.ts';

export const QUESTIONS = ['nps', 'csat', 'ces'] as const;
export type Question = (typeof QUESTIONS)[number];

/** The score of a whole stage: that of all answers given after its touchpoints. */
export function stageScore(stage: StageResult, question: Question): Score {
  const scores = stage.touchpoints.map((one) => one[question]).filter((one) => one.score !== null);
  const answers = scores.reduce((sum, one) => sum + one.answers, 0);
  if (answers === 0) return { answers: 0, score: null };
  return { answers, score: scores.reduce((sum, one) => sum + one.score! * one.answers, 0) / answers };
}

/** Questions that were answered, the one with the most answers first. */
export function questionsOf(result: JourneyMapResult): Question[] {
  const answers = (question: Question) =>
    result.stages.reduce((sum, stage) => sum + stageScore(stage, question).answers, 0);
  return QUESTIONS.filter((question) => answers(question) > 0).sort((a, b) => answers(b) - answers(a));
}

/** Where on a scale a score lies, 0 to 1. NPS has its own; means are told apart by the largest: of 5, 7, 10 or 100. */
export function placeOn(question: Question, score: number, all: readonly number[]): number {
  if (question === 'nps') return (score + 100) / 200;
  const most = Math.max(...all);
  const top = [5, 7, 10, 100].find((one) => most <= one) ?? most;
  return Math.max(0, Math.min(1, score / top));
}
