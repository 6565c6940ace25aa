import { z } from 'zod';
import type { Context } from '../../kernel/context.ts';
import { refuse } from '../../kernel/refusal.ts';

const Pattern = z.string().trim().min(1).max(500).describe('An address or a part of it; * stands for anything.');
const Selector = z.string().trim().max(500);

/** What is recorded of which visitors, and how. Nothing is until somebody switches it on. */
export const ReplaySettings = z.object({
  recording: z.boolean().default(false),
  heatmap: z.boolean().default(false),
  sources: z.array(z.int().min(1)).max(200).default([]).describe('Only these sources; empty: all.'),
  share: z.number().min(0).max(100).default(100).describe('Percent of visitors that are recorded in any case.'),
  triggers: z
    .object({
      events: z.array(z.string().trim().min(1).max(200)).max(50).default([]),
      errors: z.boolean().default(false),
      pages: z.array(Pattern).max(50).default([]),
      audiences: z.array(z.int().min(1)).max(20).default([]),
    })
    .prefault({})
    .describe('Who is not in the share is recorded from the moment that one of these is met.'),
  pages: z
    .object({ only: z.array(Pattern).max(100).default([]), never: z.array(Pattern).max(100).default([]) })
    .prefault({}),
  maskText: z.boolean().default(false).describe('All text is masked, not only what is typed.'),
  maskSelector: Selector.default('').describe('CSS selector of elements whose text is masked.'),
  blockSelector: Selector.default('').describe('CSS selector of elements that are left out.'),
  console: z.boolean().default(true),
  network: z.boolean().default(true).describe('Addresses without query, status and time of requests; never bodies.'),
  minimumSeconds: z.int().min(0).max(300).default(5),
  retentionDays: z.int().min(1).max(1095).default(30),
  limitGigabytes: z
    .number()
    .min(0.001)
    .max(100_000)
    .default(50)
    .describe('What recordings may take; past it they pause.'),
});
export type ReplaySettings = z.output<typeof ReplaySettings>;

const DEFAULT_SETTINGS: ReplaySettings = ReplaySettings.parse({});

export interface KeptSettings {
  settings: ReplaySettings;
  version: number;
  changedAt: Date | null;
  changedBy: string | null;
}

/** Other processes learn of a change after this. */
const REMEMBER_MS = 5000;
const remembered = new WeakMap<object, { settings: Promise<ReplaySettings>; until: number }>();

/** The settings as they hold now; a few seconds old at most. */
export function replaySettings(context: Context): Promise<ReplaySettings> {
  const known = remembered.get(context.records);
  if (known && known.until > Date.now()) return known.settings;
  const settings = keptSettings(context).then((kept) => kept.settings);
  remembered.set(context.records, { settings, until: Date.now() + REMEMBER_MS });
  // What failed is asked anew by the next.
  settings.catch(() => remembered.delete(context.records));
  return settings;
}

/** As they are kept, with who changed them last. What is no longer understood falls back to its default. */
export async function keptSettings({ records }: Pick<Context, 'records'>): Promise<KeptSettings> {
  const { rows } = await records.pool.query<{ settings: unknown; version: number; at: Date; by: string }>({
    name: 'replay-settings',
    text: 'SELECT settings, version, changed_at AS at, changed_by AS by FROM replay_settings',
  });
  const row = rows[0];
  if (!row) return { settings: DEFAULT_SETTINGS, version: 0, changedAt: null, changedBy: null };
  const parsed = ReplaySettings.safeParse(row.settings);
  return {
    settings: parsed.success ? parsed.data : DEFAULT_SETTINGS,
    version: row.version,
    changedAt: row.at,
    changedBy: row.by,
  };
}

/**
 * Keeps new settings. Refuses with 409 where they are not built on the present version, with 400 a source or an audience
 * that is not there.
 */
export async function changeSettings(
  context: Context,
  settings: ReplaySettings,
  version: number,
  by: string,
): Promise<KeptSettings> {
  await checkNamed(context, 'sources', 'source', settings.sources);
  await checkNamed(context, 'audiences', 'audience', settings.triggers.audiences);
  await context.records.transaction(async (client) => {
    const { rowCount } = await client.query(
      version === 0
        ? `INSERT INTO replay_settings (settings, changed_by, version) SELECT $1, $2, 1 + $3::int ON CONFLICT DO NOTHING`
        : `UPDATE replay_settings SET settings = $1, changed_by = $2, changed_at = now(), version = version + 1
           WHERE version = $3`,
      [JSON.stringify(settings), by, version],
    );
    if (!rowCount) throw refuse.conflict('Somebody changed the settings meanwhile. Load them again.');
    // A shorter retention counts for what is there as well; a longer one only if it is not yet gone.
    await client.query(`UPDATE replay_recordings SET expires_at = started_at + make_interval(days => $1)`, [
      settings.retentionDays,
    ]);
  });
  remembered.delete(context.records);
  return keptSettings(context);
}

async function checkNamed({ records }: Context, table: string, noun: string, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  const { rows } = await records.pool.query<{ id: number }>(
    `SELECT id FROM unnest($1::bigint[]) AS given (id) WHERE NOT EXISTS (SELECT FROM ${table} t WHERE t.id = given.id)`,
    [ids],
  );
  if (rows[0]) throw refuse.invalid(`There is no ${noun} ${rows[0].id}.`);
}

/** Whether anything of this source is recorded at all. */
export const recordsSource = (settings: ReplaySettings, sourceId: number): boolean =>
  settings.recording && (settings.sources.length === 0 || settings.sources.includes(sourceId));
