import { z } from 'zod';
import type { Context } from '../../../kernel/context.ts';
import { pageOf, pageQuery } from '../../../kernel/page.ts';
import { route } from '../../../kernel/route.ts';
import { shortText } from '../../../kernel/storable.ts';
import { MODEL_LANGUAGES } from '../models/features.ts';
import { ANY } from './matcher.ts';
import { sortProgress } from './sort.ts';
import { acceptSuggestion, dismissSuggestion, listSuggestions, queueSuggestions } from './suggestions.ts';
import {
  allTopics,
  archiveTopic,
  byId,
  changeTopic,
  createTopic,
  mergeTopics,
  pathOf,
  plantTopics,
  TOPICS_LIMIT,
  type Topic,
} from './topics.ts';

const NAME_LIMIT = 100;
const WORD_LIMIT = 100;
const WORDS_LIMIT = 300;

/** A slash parts the names of a path. */
const Name = shortText(NAME_LIMIT)
  .trim()
  .min(1)
  .refine((name) => !name.includes('/'), { error: 'must not have a slash' });
const Word = shortText(WORD_LIMIT)
  .trim()
  .refine((word) => /[\p{L}\p{N}]/u.test(word), { error: 'has no letter' });
const Words = z.partialRecord(z.enum([...MODEL_LANGUAGES, ANY]), z.array(Word).max(WORDS_LIMIT));
const Id = z.int().positive().max(2_000_000_000);
const params = z.object({
  id: z
    .string()
    .regex(/^\d{1,9}$/, 'is not an id')
    .transform(Number),
});

export const TopicReply = z.object({
  id: z.number(),
  parentId: z.number().nullable(),
  path: z.array(z.string()),
  name: z.string(),
  names: z.record(z.string(), z.string()),
  words: z.record(z.string(), z.array(z.string())),
  archivedAt: z.string().nullable(),
  mergedInto: z.number().nullable(),
});
export type TopicReply = z.output<typeof TopicReply>;

const TopicInput = z.object({
  name: Name,
  names: z.partialRecord(z.enum(MODEL_LANGUAGES), Name).default({}),
  words: Words.default({}),
  parentId: Id.nullable().default(null),
});

export const SuggestionReply = z.object({
  id: z.string(),
  language: z.string(),
  name: z.string(),
  words: z.array(z.string()),
  voices: z.number().describe('How many say it.'),
  negative: z.number().describe('How many of those are negative.'),
  lift: z.number().describe('How many times as often the unhappy say it as the others.'),
  foundAt: z.string(),
});
export type SuggestionReply = z.output<typeof SuggestionReply>;

function shown(topic: Topic, topics: ReadonlyMap<number, Topic>): TopicReply {
  const { id, parentId, name, names, words, archivedAt, mergedInto } = topic;
  return {
    id,
    parentId,
    path: pathOf(id, topics),
    name,
    names,
    words,
    archivedAt: archivedAt?.toISOString() ?? null,
    mergedInto,
  };
}

async function one({ records }: Context, id: number): Promise<TopicReply> {
  const topics = byId(await allTopics(records.pool));
  return shown(topics.get(id)!, topics);
}

export const topicRoutes = [
  route({
    method: 'GET',
    path: '/api/voices/topics',
    summary: 'The tree of topics, as a list',
    permission: 'voices.read',
    query: z.object({ archived: z.enum(['true', 'false']).default('false') }),
    reply: z.object({
      items: z.array(TopicReply),
      limit: z.number(),
      sorting: z
        .object({ sorted: z.number(), left: z.number() })
        .describe('Voices that are sorted by it, and not yet.'),
    }),
    async run({ context, query }) {
      await plantTopics(context);
      const topics = byId(await allTopics(context.records.pool));
      const items = [...topics.values()].filter((topic) => query.archived === 'true' || !topic.archivedAt);
      return {
        items: items.map((topic) => shown(topic, topics)),
        limit: TOPICS_LIMIT,
        sorting: await sortProgress(context),
      };
    },
  }),
  route({
    method: 'POST',
    path: '/api/voices/topics',
    summary: 'Make a topic; voices are sorted anew after it',
    permission: 'voices.write',
    body: TopicInput,
    reply: TopicReply,
    status: 201,
    run: async ({ context, caller, body }) =>
      one(context, await createTopic(context, body as Parameters<typeof createTopic>[1], caller.name)),
  }),
  route({
    method: 'PATCH',
    path: '/api/voices/topics/{id}',
    summary: 'Change the name, words or place of a topic',
    permission: 'voices.write',
    params,
    body: z.object({
      name: Name.optional(),
      names: z.partialRecord(z.enum(MODEL_LANGUAGES), Name).optional(),
      words: Words.optional(),
      parentId: Id.nullable().optional(),
    }),
    reply: TopicReply,
    async run({ context, caller, params, body }) {
      await changeTopic(context, params.id, body as Parameters<typeof changeTopic>[2], caller.name);
      return one(context, params.id);
    },
  }),
  route({
    method: 'POST',
    path: '/api/voices/topics/{id}/merge',
    summary: 'Merge a topic into another: its words, voices and what stands below it go there',
    permission: 'voices.write',
    params,
    body: z.object({ into: Id }),
    reply: TopicReply,
    async run({ context, caller, params, body }) {
      await mergeTopics(context, params.id, body.into, caller.name);
      return one(context, body.into);
    },
  }),
  route({
    method: 'POST',
    path: '/api/voices/topics/{id}/archive',
    summary: 'Archive a topic with all below it, or bring it back with all above it',
    permission: 'voices.write',
    params,
    body: z.object({ archived: z.boolean().default(true) }),
    reply: TopicReply,
    async run({ context, caller, params, body }) {
      await archiveTopic(context, params.id, body.archived, caller.name);
      return one(context, params.id);
    },
  }),
  route({
    method: 'GET',
    path: '/api/voices/suggestions',
    summary: 'Topics that the voices suggest, those of the unhappy first',
    permission: 'voices.read',
    query: pageQuery,
    reply: pageOf(SuggestionReply),
    run: ({ context, query }) => listSuggestions(context, query),
  }),
  route({
    method: 'POST',
    path: '/api/voices/suggestions/look',
    summary: 'Look for suggestions now, beside the daily look',
    permission: 'voices.write',
    reply: z.object({ queued: z.literal(true) }),
    async run({ context }) {
      await queueSuggestions(context);
      return { queued: true as const };
    },
  }),
  route({
    method: 'POST',
    path: '/api/voices/suggestions/{id}/accept',
    summary: 'Make a topic of a suggestion, or give its words to one',
    permission: 'voices.write',
    params,
    body: z.object({
      name: Name.optional(),
      parentId: Id.nullable().default(null),
      into: Id.optional().describe('The topic that gets the words.'),
    }),
    reply: TopicReply,
    run: async ({ context, caller, params, body }) =>
      one(context, await acceptSuggestion(context, params.id, body, caller.name)),
  }),
  route({
    method: 'POST',
    path: '/api/voices/suggestions/{id}/dismiss',
    summary: 'Not a topic: it is not suggested again',
    permission: 'voices.write',
    params,
    reply: z.object({ dismissed: z.literal(true) }),
    async run({ context, params }) {
      await dismissSuggestion(context, params.id);
      return { dismissed: true as const };
    },
  }),
];
