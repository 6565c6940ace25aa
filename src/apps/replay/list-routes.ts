import { z } from 'zod';
import { summaries } from '../../core/people/list.ts';
import { Filter } from '../../core/query/filter.ts';
import { What } from '../../core/query/matching.ts';
import { Period } from '../../core/query/period.ts';
import { refusePersonal } from '../../core/query/personal.ts';
import { Report } from '../../core/query/report.ts';
import { decodeCursor, encodeCursor, pageOf, pageQuery } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { listRecordings, PEOPLE_LOOKED_AT } from './list.ts';
import { RECORDINGS_LOOKED_AT } from './list-events.ts';
import { RecordingView, recordingView } from './routes.ts';
import { COUNTED, SIGNALS, WEIGHTS } from './watch-first.ts';

/** Characters of a question in an address. */
const QUESTION_LENGTH = 10_000;

/** A value as JSON in the address. */
const inAddress = <T extends z.ZodType>(schema: T) =>
  z
    .string()
    .max(QUESTION_LENGTH)
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: 'is not JSON' });
        return z.NEVER;
      }
    })
    .pipe(schema);

const Signals = z.object(
  Object.fromEntries(SIGNALS.map((one) => [one, z.number()])) as Record<(typeof SIGNALS)[number], z.ZodNumber>,
);

export const ListedRecording = RecordingView.extend({
  personId: z.string().nullable(),
  personName: z.string().nullable(),
  signals: Signals.describe('How often the visitor met what says that something went wrong.'),
  score: z.number().describe('What to watch first: signals by their weights.'),
});
export type ListedRecording = z.output<typeof ListedRecording>;

export const RecordingsPage = pageOf(ListedRecording).extend({
  cut: z.boolean().describe('True where only the newest of those that may fit were looked at.'),
});
export type RecordingsPage = z.output<typeof RecordingsPage>;

export const WeightsView = z.object({
  weights: Signals,
  counted: z.number().describe('More of the same count no more.'),
});

export type WeightsView = z.output<typeof WeightsView>;

const Seconds = z.coerce.number().int().min(0).max(86_400).optional();

export const listRoutes = [
  route({
    method: 'GET',
    path: '/api/replay/recordings',
    summary: 'Recordings, by anything that their visitors are or did',
    permission: 'replay.read',
    query: pageQuery.extend({
      sort: z.enum(['first', 'newest']).default('newest').describe('`first`: what to watch first, by signals.'),
      period: inAddress(Period).optional().describe('As in reports, as JSON.'),
      person: z
        .string()
        .regex(/^\d{1,15}$/, 'is not the id of a person')
        .transform(Number)
        .optional(),
      source: z.coerce.number().int().min(1).optional(),
      device: z.string().max(50).optional(),
      country: z.string().max(10).optional(),
      page: z.string().max(500).optional().describe('Text in the address or title of a page.'),
      minSeconds: Seconds,
      maxSeconds: Seconds,
      signal: z.enum(SIGNALS).optional(),
      what: inAddress(What).optional().describe('Events that the session must hold one of, as in reports, as JSON.'),
      filter: inAddress(Filter).optional().describe('What must hold for that event or its person, as JSON.'),
      report: inAddress(Report)
        .optional()
        .describe(
          `With \`part\`: recordings of the people behind a part of a report, of the first ${PEOPLE_LOOKED_AT}.`,
        ),
      part: inAddress(z.unknown()).optional(),
    }),
    reply: RecordingsPage,
    looksAt: 'person',
    auditIds: (reply) => [
      ...new Set(reply.items.flatMap(({ personId, id }) => [...(personId ? [personId] : []), `recordings/${id}`])),
    ],
    async run({ context, caller, query, signal }) {
      const { sort, cursor, limit, report, part, ...wanted } = query;
      if ((report === undefined) !== (part === undefined))
        throw refuse.invalid('Give both "report" and "part", or none.');
      if (caller.hidesPersonalData) await refusePersonal(context, [wanted.filter, wanted.what, report]);
      const offset = decodeCursor(cursor, z.int().min(0).max(RECORDINGS_LOOKED_AT)) ?? 0;
      const behind = report === undefined ? undefined : { report, part };
      const found = await listRecordings(context, { ...wanted, behind }, { sort, offset, limit }, signal);
      const people = await summaries(context, [
        ...new Set(found.items.flatMap(({ personId }) => (personId === null ? [] : [personId]))),
      ]);
      const names = new Map(people.map(({ id, displayName }) => [id, displayName]));
      return {
        items: found.items.map(({ recording, personId, signals, score }) => ({
          ...recordingView(recording),
          personId: personId === null ? null : String(personId),
          personName: personId === null ? null : (names.get(String(personId)) ?? null),
          signals,
          score,
        })),
        nextCursor: found.next === null ? null : encodeCursor(found.next),
        cut: found.cut,
      };
    },
  }),
  route({
    method: 'GET',
    path: '/api/replay/weights',
    summary: 'How much each signal says about what to watch first',
    permission: 'replay.read',
    reply: WeightsView,
    run: () => Promise.resolve({ weights: { ...WEIGHTS }, counted: COUNTED }),
  }),
];
