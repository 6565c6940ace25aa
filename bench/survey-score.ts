import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningServer } from '../test/server.ts';
import { percentile } from './client.ts';

export interface SurveyScore {
  answers: number;
  p50: number;
  p95: number;
  longest: number;
}

interface Survey {
  id: string;
  revision: number;
  definition: { questions: { id: string; kind: string }[] };
}
type Scores = { result: { series: { total: { answers: number } | null }[] } };

/** From a customer's answer, posted as a page posts it, to the score that a dashboard asks for: milliseconds. */
export async function measureSurveyScore(server: RunningServer, answers: number): Promise<SurveyScore> {
  const template = { template: 'nps', name: 'After a purchase' };
  const made = await server.api<{ id: string }>('POST', '/api/surveys/from-template', template);
  const survey = await server.api<Survey>('GET', `/api/surveys/${made.id}`);
  await server.api('POST', `/api/surveys/${survey.id}/publish`, { revision: survey.revision });
  const question = survey.definition.questions.find(({ kind }) => kind === 'nps')!;
  const writeKey = await server.writeKey('Shop');
  const report = { kind: 'score', of: 'nps', period: { last: 7, unit: 'day' } };
  const counted = async () =>
    (await server.api<Scores>('POST', '/api/query', { report })).result.series[0]!.total?.answers ?? 0;
  const times: number[] = [];
  for (let n = 0; n < answers; n++) {
    const started = performance.now();
    const answer = await fetch(`${server.url}/v1/surveys/${survey.id}/responses`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ writeKey, anonymousId: `visitor-${n}`, channel: 'api', language: 'en', version: 1, complete: true },
        answers: { [question.id]: n % 11 },
      }),
    });
    if (!answer.ok) throw new Error(`An answer was refused: ${answer.status} ${await answer.text()}`);
    while ((await counted()) <= n) await sleep(10);
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return { answers, p50: percentile(times, 0.5), p95: percentile(times, 0.95), longest: times.at(-1)! };
}
