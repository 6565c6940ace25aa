import type { Content, Step } from '../../../../src/core/transformations/content.ts';
import type {
  RecordedReply,
  TransformationReply,
  TrialReply,
  VersionReply,
} from '../../../../src/core/transformations/routes.ts';
import { ask } from '../../api.ts';
import type { ListOf } from '../../wire.ts';

export type { Content, Step };
export type Transformation = TransformationReply;
export type Version = VersionReply;
export type Recorded = RecordedReply;
export type Trial = TrialReply;
export type Tried = Trial['items'][number];

const of = (sourceId: string) => `/api/sources/${encodeURIComponent(sourceId)}/transformations`;
const one = (id: string) => `/api/transformations/${encodeURIComponent(id)}`;

/** What the pages of transformations ask the server. */
export const calls = {
  list: (sourceId: string) => ask<{ items: Transformation[] }>('GET', of(sourceId)),
  create: (sourceId: string, input: { name: string; content: Content }) =>
    ask<Transformation>('POST', of(sourceId), input),
  order: (sourceId: string, ids: string[]) => ask<{ items: Transformation[] }>('PUT', `${of(sourceId)}/order`, { ids }),
  recorded: (sourceId: string) =>
    ask<{ items: Recorded[] }>('GET', `/api/sources/${encodeURIComponent(sourceId)}/recorded`),
  try: (sourceId: string, input: { content: Content; events?: object[]; transformationId?: string }) =>
    ask<Trial>('POST', `${of(sourceId)}/try`, input),
  get: (id: string) => ask<Transformation>('GET', one(id)),
  change: (id: string, change: { name?: string; content?: Content; enabled?: boolean }) =>
    ask<Transformation>('PATCH', one(id), change),
  remove: (id: string) => ask<unknown>('DELETE', one(id)),
  publish: (id: string, untried: boolean) => ask<Transformation>('POST', `${one(id)}/publish`, { untried }),
  versions: (id: string) => ask<ListOf<Version>>('GET', `${one(id)}/versions`),
  restore: (id: string, version: number) => ask<Transformation>('POST', `${one(id)}/versions/${version}/restore`, {}),
};
