import { z } from 'zod';
import { shortText } from '../../../kernel/storable.ts';
import { Field } from '../field.ts';
import { common } from '../kind.ts';
import { What } from '../matching.ts';

const STAGES_LIMIT = 12;
const TOUCHPOINTS_LIMIT = 60;

const property = (name: string) => ({ of: 'property' as const, name });

/**
 * The stages of the customers' life cycle as the company sees them, each with the touchpoints that make it; and how it
 * learns how customers found them. An event is of the first touchpoint that it fits.
 */
export const JourneyMapReport = z
  .strictObject({
    kind: z.literal('journeyMap'),
    ...common,
    stages: z
      .array(
        z.strictObject({
          name: shortText(100).min(1),
          touchpoints: z
            .array(z.strictObject({ name: shortText(100).min(1), what: What }))
            .min(1)
            .max(20),
        }),
      )
      .min(1)
      .max(STAGES_LIMIT),
    /** Answers with a score, and which question it was: nps, csat or ces. Those to our own surveys unless told. */
    answers: z.strictObject({ what: What, score: Field, question: Field }).default({
      what: { events: [{ name: 'Question Answered' }] },
      score: property('score'),
      question: property('kind'),
    }),
    /** What customers had to do because something was not clear or went wrong. */
    contacts: What.default({
      events: [{ name: 'Ticket Opened' }, { name: 'Chat Started' }, { name: 'Call Received' }],
    }),
    /** An answer or a contact belongs to the customer's last touchpoint in so many days before it. */
    attributedDays: z.int().min(1).max(365).default(30),
  })
  .refine((report) => report.stages.reduce((sum, stage) => sum + stage.touchpoints.length, 0) <= TOUCHPOINTS_LIMIT, {
    error: `has more than ${TOUCHPOINTS_LIMIT} touchpoints`,
    path: ['stages'],
  });
export type JourneyMapReport = z.output<typeof JourneyMapReport>;

/** The people of a stage or a touchpoint, and of those of a stage who went on to the next, or did not. */
export const JourneyMapPart = z.strictObject({
  stage: z.int().min(0),
  touchpoint: z.int().min(0).optional(),
  outcome: z.enum(['wentOn', 'stayed']).optional(),
});
export type JourneyMapPart = z.output<typeof JourneyMapPart>;
