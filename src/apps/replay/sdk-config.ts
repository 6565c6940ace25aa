import { createHash } from 'node:crypto';
import { memberSince } from '../../core/audiences/membership.ts';
import { registerSdkConfig, type Visitor } from '../../core/sdk/config.ts';
import type { Context } from '../../kernel/context.ts';
import { Refusal } from '../../kernel/refusal.ts';
import { pausedReason } from './room.ts';
import { type ReplaySettings, recordsSource, replaySettings } from './settings.ts';
import { isErased } from './visitor.ts';

/** What the SDK's part `replay` is told; it decides nothing about whom, only about when. */
export interface ReplayConfig {
  /** Record from the start: the visitor is in the share, or in an audience that is recorded. */
  always: boolean;
  triggers: { events: string[]; errors: boolean; pages: string[] };
  pages: { only: string[]; never: string[] };
  minimumSeconds: number;
  maskText: boolean;
  maskSelector: string;
  blockSelector: string;
  console: boolean;
  network: boolean;
  signals: true;
}

const SHARES = 10_000;

/** The same visitor is always in or out of the same share, on whichever server. */
export function inShare(anonymousId: string, percent: number): boolean {
  if (percent >= 100) return true;
  const hash = createHash('sha256').update(`replay\0${anonymousId}`).digest().readUInt32BE(0);
  return hash % SHARES < percent * (SHARES / 100);
}

async function replayConfig(context: Context, visitor: Visitor): Promise<ReplayConfig | undefined> {
  const settings = await replaySettings(context);
  if (!recordsSource(settings, visitor.sourceId) || visitor.anonymousId === '') return undefined;
  const who = { anonymousId: visitor.anonymousId, userId: visitor.userId ?? null };
  if (await isErased(context, context.records.pool, who)) return undefined;
  const paused = (await pausedReason(context)) !== null;
  const { triggers, pages, minimumSeconds, maskText, maskSelector, blockSelector, console, network } = settings;
  const always =
    !paused && (inShare(visitor.anonymousId, settings.share) || (await inAudience(context, visitor, settings)));
  const { events, errors, pages: onPages } = triggers;
  return {
    always,
    triggers: paused ? { events: [], errors: false, pages: [] } : { events, errors, pages: onPages },
    ...{ pages, minimumSeconds, maskText, maskSelector, blockSelector, console, network, signals: true },
  };
}

async function inAudience(context: Context, { personId }: Visitor, { triggers }: ReplaySettings): Promise<boolean> {
  if (personId === null) return false;
  for (const audience of triggers.audiences) {
    try {
      if ((await memberSince(context, audience, personId)) !== null) return true;
    } catch (error) {
      // An audience that was deleted meanwhile has no members.
      if (!(error instanceof Refusal)) throw error;
    }
  }
  return false;
}

registerSdkConfig('replay', replayConfig);
registerSdkConfig('heatmap', async (context, { sourceId, anonymousId }) => {
  const { heatmap, sources } = await replaySettings(context);
  const here = sources.length === 0 || sources.includes(sourceId);
  return heatmap && here && anonymousId !== '' ? {} : undefined;
});
