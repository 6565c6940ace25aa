import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { pageOf, pageQuery } from '../../kernel/page.ts';
import { refuse } from '../../kernel/refusal.ts';
import { route } from '../../kernel/route.ts';
import { peopleByNumber } from './by-number.ts';
import { hideHistory, hideItems, hidePeople, hidePerson, isPersonalKind } from './hide.ts';
import { listPeople, PersonSummary, summaries } from './list.ts';
import { MergeView, mergeView } from './merge-view.ts';
import { mergeByHand, undoMerge } from './merges.ts';
import { Person, personById, personByIdentifier } from './person.ts';
import { timeline, timelineQuery } from './timeline.ts';
import { TimelineEvent } from './timeline-event.ts';
import { TraitValue, traitHistory } from './trait-history.ts';

/** An ID in a path or a body: digits. Larger ones than JavaScript counts exactly are nobody's. */
export const Id = z
  .string()
  .regex(/^\d{1,15}$/, { error: 'must be an ID: digits' })
  .transform(Number);

const person = z.object({ id: Id });

/** Who does not see personal data finds people by their number here, or by an identifier that tells nothing of them. */
async function findByNumber(context: Context, typed: string) {
  const found = [...(await peopleByNumber(context, typed, isPersonalKind))];
  return { items: await summaries(context, found), nextCursor: null, total: null };
}

export const peopleRoutes = [
  route({
    method: 'GET',
    path: '/api/people',
    summary: 'People that match what is typed, tolerant of typing errors; all people, newest first, without it',
    permission: 'people.read',
    query: pageQuery.extend({ q: z.string().max(200).optional() }),
    reply: pageOf(PersonSummary).extend({
      total: z.number().nullable().describe('How many people there are in all, about; null in a search.'),
    }),
    looksAt: 'person',
    auditIds: (reply) => reply.items.map((one) => one.id),
    hide: hidePeople,
    run: ({ context, query, caller }) => {
      if (caller.hidesPersonalData && query.q?.trim()) return findByNumber(context, query.q.trim());
      return listPeople(context, query);
    },
  }),
  route({
    method: 'GET',
    path: '/api/people/lookup',
    summary: 'The person with an identifier',
    permission: 'people.read',
    query: z.object({ kind: z.string().max(100), value: z.string().max(1000) }),
    reply: Person,
    looksAt: 'person',
    auditIds: (reply) => [reply.id],
    hide: hidePerson,
    run: ({ context, query, caller }) => {
      if (caller.hidesPersonalData && isPersonalKind(query.kind)) {
        throw refuse.forbidden(
          `The role "${caller.role}" does not see personal data, so it cannot look for people by it.`,
        );
      }
      return personByIdentifier(context, query.kind, query.value);
    },
  }),
  route({
    method: 'GET',
    path: '/api/people/{id}',
    summary: 'A person: identifiers, traits, consent, accounts, merges and what it all adds up to',
    permission: 'people.read',
    params: person,
    reply: Person,
    looksAt: 'person',
    hide: hidePerson,
    run: ({ context, params }) => personById(context, params.id),
  }),
  route({
    method: 'GET',
    path: '/api/people/{id}/timeline',
    summary: "A person's events over all merged identities, newest first",
    permission: 'people.read',
    params: person,
    query: timelineQuery,
    reply: pageOf(TimelineEvent),
    looksAt: 'person',
    hide: hideItems,
    run: ({ context, params, query, caller }) => {
      // What is not seen is not searched either.
      if (caller.hidesPersonalData && query.q)
        throw refuse.forbidden(`The role "${caller.role}" cannot search in events.`);
      return timeline(context, params.id, query);
    },
  }),
  route({
    method: 'GET',
    path: '/api/people/{id}/traits/{name}/history',
    summary: 'Every value a trait of a person has had, newest first',
    permission: 'people.read',
    params: person.extend({ name: z.string().min(1).max(200) }),
    reply: z.object({ items: z.array(TraitValue) }),
    looksAt: 'person',
    hide: hideHistory,
    run: ({ context, params }) => traitHistory(context.records, params.id, params.name),
  }),
  route({
    method: 'POST',
    path: '/api/merges',
    summary: 'Make two people one',
    permission: 'people.write',
    body: z.object({ intoId: Id, fromId: Id }),
    reply: MergeView,
    status: 201,
    run: async ({ context, body, caller }) => mergeView(await mergeByHand(context, { ...body, by: caller.name })),
  }),
  route({
    method: 'POST',
    path: '/api/merges/{id}/undo',
    summary: 'Take a merge back: two people again, each with what came to it since',
    permission: 'people.write',
    params: z.object({ id: Id }),
    reply: z.object({ merge: MergeView, people: z.tuple([z.string(), z.string()]) }),
    run: async ({ context, params, caller }) => {
      const { merge, roots } = await undoMerge(context, params.id, caller.name);
      return { merge: mergeView(merge), people: [String(roots[0]), String(roots[1])] as [string, string] };
    },
  }),
];
