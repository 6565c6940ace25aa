import { messageIdOf } from '../../../core/imports/events.ts';
import { Chance } from '../../../core/imports/sample/chance.ts';
import type { Opinion, Tell } from '../../../core/imports/sample/opinions.ts';
import type { SampleEvent } from '../../../core/imports/sample/visit.ts';
import type { AppEvent } from '../../../core/stream/outbox.ts';
import { type Answers, completion } from '../logic.ts';
import { questionsAnswered, surveyCompleted, surveyShown, type Told } from '../told.ts';
import type { SampleSurveys } from './surveys.ts';

/** A response of the sample as it is kept: a row of surveys_responses. */
export interface SampleResponse {
  id: string;
  survey_id: string;
  version: number;
  channel: Told['channel'];
  anonymous_id: string;
  language: string;
  answers: Answers;
  state: 'started' | 'complete';
  ending: string | null;
  started_at: string;
  changed_at: string;
  completed_at: string | null;
}

const CHANNELS = { order: 'link', support: 'embed' } as const;
/** Milliseconds between opening a survey and its first answer, and between two answers. */
const READS = 20_000;
const WRITES = 12_000;

/** What an answered survey tells, and its response, by the functions that real answers go through. */
export const tell: Tell = (opinion, facts) => {
  const { about, language, askedAt, said } = opinion;
  const { id: surveyId, definition } = (facts as SampleSurveys)[about];
  const responseId = messageIdOf(`sample response ${opinion.id}`, 0);
  const told: Told = {
    about: { identifiers: [{ kind: 'customer_id', value: opinion.customer }] },
    ...{ surveyId, version: 1, definition, responseId, channel: CHANNELS[about], language, page: null },
  };
  const events: SampleEvent[] = [];
  const add = (at: number, { name, properties, context, channel }: AppEvent) =>
    events.push({
      type: 'track',
      event: name,
      messageId: messageIdOf(`sample response ${opinion.id}`, events.length + 1),
      externalIds: [{ kind: 'customer_id', value: opinion.customer }],
      ...{ properties, context, channel, contact: 'direct' },
      timestamp: new Date(at).toISOString(),
    });
  add(askedAt, surveyShown(told));
  const answers = said ? answersOf(opinion, said) : {};
  const { complete, ending, kept } = completion(definition, { answers, language, traits: {}, fields: {} });
  if (said && !complete) throw new Error(`The sample's answer ${opinion.id} is not one that the survey takes.`);
  let at = said ? said.at : askedAt;
  for (const event of said ? questionsAnswered(told, {}, kept) : []) {
    at += WRITES;
    add(at, event);
  }
  if (said) add(at, surveyCompleted(told, Math.round((READS + at - said.at) / 1000)));
  const row: SampleResponse = {
    ...{ id: responseId, survey_id: surveyId, version: 1, channel: CHANNELS[about], language, answers: kept },
    anonymous_id: opinion.anonymousId,
    state: said ? 'complete' : 'started',
    ending: said ? (ending?.id ?? null) : null,
    started_at: new Date(said ? said.at - READS : askedAt).toISOString(),
    changed_at: new Date(at).toISOString(),
    completed_at: said && new Date(at).toISOString(),
  };
  return { events, kept: row };
};

/** What may decide how support is rated, and how often it does: for those who are content, and for the others. */
const REASONS = [
  ['speed', 0.3, 0.75],
  ['friendly', 0.55, 0.1],
  ['knowledge', 0.35, 0.25],
  ['result', 0.5, 0.3],
  ['repeat', 0.03, 0.5],
] as const;

function answersOf({ id, about }: Opinion, said: NonNullable<Opinion['said']>): Answers {
  const { score, text } = said;
  if (about === 'order') {
    const why = score <= 6 ? 'low' : score <= 8 ? 'middle' : 'high';
    const mayWrite = score <= 6 ? { mayWrite: { options: [said.mayWrite ? 'yes' : 'no'] } } : {};
    return { score, ...(text && { [why]: text }), ...mayWrite };
  }
  const chance = new Chance(`reasons ${id}`);
  const reasons = REASONS.flatMap(([reason, content, others]) =>
    chance.yes(score >= 4 ? content : others) ? [reason] : [],
  );
  return {
    ...{ score, effort: said.ease, solved: { options: [said.solved] } },
    ...(reasons.length > 0 && { why: { options: reasons } }),
    ...(text && { more: text }),
  };
}
