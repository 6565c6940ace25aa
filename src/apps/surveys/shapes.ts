import { z } from 'zod';
import { Problem } from './checks.ts';
import { FieldName } from './condition.ts';
import { DEFINITION_LIMITS, Definition } from './definition.ts';
import { Texts } from './question.ts';

/** What the console's endpoints of surveys answer with. */

const SURVEY_STATES = ['draft', 'running', 'paused', 'ended'] as const;
export const SurveyState = z.enum(SURVEY_STATES);
const CHANNELS = ['popover', 'link', 'embed', 'mail', 'api'] as const;
export const SurveyChannel = z.enum(CHANNELS);
export type SurveyChannel = z.output<typeof SurveyChannel>;
const RESPONSE_STATES = ['started', 'answered', 'complete', 'screened', 'quota'] as const;
export const ResponseState = z
  .enum(RESPONSE_STATES)
  .describe(
    'started: shown; answered: something was; screened: led to an ending for those who are not asked; quota: one too many.',
  );

export const SurveySummary = z.object({
  id: z.string(),
  name: z.string(),
  state: SurveyState,
  version: z.number().nullable().describe('The published one; null before the first publication.'),
  changed: z.boolean().describe('Whether the draft is newer than what is published.'),
  questions: z.number(),
  languages: z.array(z.string()),
  channels: z.array(z.enum(['popover', 'link', 'embed'])),
  anonymous: z.boolean(),
  touchpoint: z.string(),
  shown: z.number(),
  responses: z.number().describe('With at least one answer.'),
  completed: z.number(),
  createdAt: z.string(),
  changedAt: z.string(),
  publishedAt: z.string().nullable(),
});
export type SurveySummary = z.output<typeof SurveySummary>;

export const SurveyDetail = SurveySummary.extend({
  revision: z.number().describe('Hand it back when saving.'),
  definition: Definition.describe('The draft.'),
  problems: z.array(Problem),
  openLink: z.string().describe('Anybody may answer by it, where the survey allows.'),
  embedCode: z.string(),
});
export type SurveyDetail = z.output<typeof SurveyDetail>;

export const SurveyVersion = z.object({
  version: z.number(),
  publishedAt: z.string(),
  publishedBy: z.string(),
  responses: z.number(),
});
export type SurveyVersion = z.output<typeof SurveyVersion>;

export const SurveySettings = z.strictObject({
  quietDays: z.int().min(0).max(365).describe('Nobody is asked anything twice within so many days; 0: no limit.'),
});
export type SurveySettings = z.output<typeof SurveySettings>;

export const AnswerRow = z.object({
  id: z.string(),
  state: ResponseState,
  version: z.number(),
  channel: SurveyChannel,
  language: z.string(),
  personId: z.string().nullable(),
  personName: z.string().nullable(),
  startedAt: z.string(),
  completedAt: z.string().nullable(),
  seconds: z.number().nullable(),
  dismissed: z.boolean(),
  page: z.string().nullable(),
  ending: z.string().nullable(),
  fields: z.record(z.string(), z.string()),
  answers: z.record(z.string(), z.unknown()),
  said: z.record(z.string(), z.string()).describe('The answers in words, in the default language.'),
});
export type AnswerRow = z.output<typeof AnswerRow>;

const Share = z.object({ value: z.number(), low: z.number(), high: z.number() });
export const QuestionResult = z.object({
  id: z.string(),
  kind: z.string(),
  title: z.string(),
  answered: z.number(),
  score: z
    .object({
      mean: z.number().nullable(),
      scale: z.number(),
      counts: z.array(z.object({ score: z.number(), count: z.number() })),
      nps: z.number().nullable().describe('Per cent of promoters less per cent of detractors; null for other kinds.'),
      interval: z
        .object({ low: z.number(), high: z.number() })
        .nullable()
        .describe('In which the NPS, of other kinds the mean, lies with 95 % confidence.'),
      good: Share.nullable().describe(
        'Share of the best two scores (NPS: of 9 and 10), with its Wilson interval of 95 %.',
      ),
    })
    .optional(),
  options: z.array(z.object({ id: z.string(), label: z.string(), count: z.number(), share: z.number() })).optional(),
  ranks: z
    .array(z.object({ id: z.string(), label: z.string(), mean: z.number().nullable(), first: z.number() }))
    .optional(),
  rows: z
    .array(
      z.object({
        id: z.string(),
        label: z.string(),
        columns: z.array(z.object({ id: z.string(), label: z.string(), count: z.number() })),
      }),
    )
    .optional(),
  agreed: z
    .object({ count: z.number(), of: z.number().describe('Responses with any answer.') })
    .optional()
    .describe('Of a consent.'),
  texts: z.array(z.object({ responseId: z.string(), text: z.string(), at: z.string() })).optional(),
});
export type QuestionResult = z.output<typeof QuestionResult>;

export const SurveyResults = z.object({
  counts: z.object({
    shown: z.number(),
    answered: z.number().describe('With at least one answer, complete or not.'),
    completed: z.number(),
    screened: z.number(),
    overQuota: z.number(),
    dismissed: z.number(),
  }),
  rate: z.number().nullable().describe('Answered of shown, 0 to 1.'),
  completion: z.number().nullable().describe('Completed of answered, 0 to 1.'),
  seconds: z.number().nullable().describe('Median of complete ones.'),
  hidden: z
    .boolean()
    .describe('The survey is anonymous and fewer answered than its group size: only counts are shown.'),
  sampled: z.number().nullable().describe('The newest responses that the questions were counted from, where not all.'),
  quotas: z.array(z.object({ id: z.string(), name: z.string(), limit: z.number(), completed: z.number() })),
  questions: z.array(QuestionResult),
});
export type SurveyResults = z.output<typeof SurveyResults>;

export const LinkRow = z.object({
  id: z.string(),
  personId: z.string().nullable(),
  personName: z.string().nullable(),
  sendingId: z.string().nullable(),
  singleUse: z.boolean(),
  state: z.enum(['waiting', 'sent', 'skipped', 'opened', 'answered', 'expired', 'revoked']),
  expiresAt: z.string(),
  createdAt: z.string(),
  sentAt: z.string().nullable(),
});
export type LinkRow = z.output<typeof LinkRow>;

export const SendingTo = z.union([
  z.strictObject({ audience: z.int().positive() }),
  z.strictObject({
    people: z
      .array(z.string().regex(/^\d{1,15}$/))
      .min(1)
      .max(10_000),
  }),
  z.strictObject({
    event: z.strictObject({
      name: z.string().min(1).max(200),
      where: z
        .array(
          z.strictObject({ property: z.string().min(1).max(200), oneOf: z.array(z.string().max(500)).min(1).max(50) }),
        )
        .max(10)
        .default([]),
    }),
    hours: z
      .number()
      .min(0)
      .max(24 * 90)
      .describe('So long after the event; at once for 0.'),
  }),
]);
export type SendingTo = z.output<typeof SendingTo>;

export const SendingMail = z.strictObject({
  subject: Texts.describe('One line, in which {{trait:name|instead}} and {{field:name|instead}} are filled in.'),
  intro: Texts.default({}),
  expiresInDays: z.int().min(1).max(365).default(30),
  perHour: z.int().min(1).max(100_000).default(2000).describe('Mails that leave in an hour at most.'),
  fields: z
    .record(FieldName, z.string().max(500))
    .default({})
    .refine((value) => Object.keys(value).length <= DEFINITION_LIMITS.fields)
    .describe('Hidden fields of each link; a property of that name of the event that is followed comes before them.'),
});
export type SendingMail = z.output<typeof SendingMail>;

export const SendingRow = z.object({
  id: z.string(),
  to: SendingTo,
  mail: SendingMail,
  state: z.enum(['running', 'stopped', 'done']),
  waiting: z.number(),
  sent: z.number(),
  opened: z.number(),
  answered: z.number(),
  skipped: z.record(z.string(), z.number()).describe('How many were left out, by reason.'),
  error: z.string().nullable(),
  createdBy: z.string(),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
});
export type SendingRow = z.output<typeof SendingRow>;
