import { environmentOf } from '../../core/query/environment.ts';
import type { Filter } from '../../core/query/filter.ts';
import type { What } from '../../core/query/matching.ts';
import type { Span } from '../../core/query/period.ts';
import { Query } from '../../core/query/query.ts';
import { limited } from '../../core/query/run.ts';
import type { Context } from '../../kernel/context.ts';
import { noSignals, SIGNAL_EVENTS, SIGNALS, type Signals } from './watch-first.ts';

/** Recordings that events are asked about at a time: of more, the newest. */
export const RECORDINGS_LOOKED_AT = 20_000;
/** Ties a recording to its session; the recorder sends it when it begins. */
const STARTED = 'Recording Started';
/** The recorder's clock and the server's may differ, and a session lasts a day at most. */
const AROUND_MS = 2 * 86_400_000;

/**
 * The recordings whose sessions hold an event that `what` and `filter` mean: their ids, the newest first. Refuses with
 * 422 what takes too long, as reports do.
 */
export async function recordingsWith(
  context: Context,
  asked: { what?: What | undefined; filter?: Filter | undefined; span: Span },
  signal: AbortSignal,
): Promise<string[]> {
  const query = new Query(context, await environmentOf(context, {}), { signal });
  const wide = { from: asked.span.from - AROUND_MS, to: asked.span.to + AROUND_MS };
  const scope = query.scope({ filter: asked.filter });
  const visit = scope.session;
  const matching = `SELECT ${visit} AS session ${scope.from()}
    ${scope.where(wide, `${visit} != 0`, asked.what && scope.what(asked.what))}`;
  const id = 'toString(e.properties.recordingId)';
  const statement = scope.statement(
    `SELECT ${id} AS id, max(e.timestamp) AS at FROM events AS e
     WHERE e.name = ${scope.bindings.text(STARTED)} AND e.timestamp >= ${scope.bindings.time(wide.from)}
       AND e.timestamp < ${scope.bindings.time(wide.to)} AND ${visit} IN (${matching})
     GROUP BY id ORDER BY at DESC LIMIT ${RECORDINGS_LOOKED_AT}`,
  );
  const rows = await limited(query, () => query.rows<{ id: string }>('recordings', statement));
  return rows.map((row) => row.id);
}

/** What the SDK told of the sessions, over all their tabs, of recordings that began in a time; recordings without anything are not in it. */
export async function signalsIn(context: Context, span: Span, signal: AbortSignal): Promise<Map<string, Signals>> {
  const query = new Query(context, await environmentOf(context, {}), { signal });
  const wide = { from: span.from - AROUND_MS, to: span.to + AROUND_MS };
  const scope = query.scope();
  const visit = scope.session;
  const names = [STARTED, ...SIGNALS.map((one) => SIGNAL_EVENTS[one])];
  const id = 'toString(e.properties.recordingId)';
  const counts = SIGNALS.map((one) => `countIf(e.name = ${scope.bindings.text(SIGNAL_EVENTS[one])}) AS ${one}`);
  const statement = scope.statement(
    `SELECT groupUniqArrayIf(50)(${id}, e.name = ${scope.bindings.text(STARTED)}) AS ids, max(e.timestamp) AS at,
       ${counts.join(', ')}
     ${scope.from()} ${scope.where(wide, `e.name IN ${scope.bindings.texts(names)}`, `${visit} != 0`)}
     GROUP BY ${visit} HAVING notEmpty(ids) AND ${SIGNALS.join(' + ')} > 0
     ORDER BY at DESC LIMIT ${RECORDINGS_LOOKED_AT}`,
  );
  const rows = await limited(query, () => query.rows<Signals & { ids: string[] }>('signals', statement));
  const found = new Map<string, Signals>();
  for (const { ids, ...counted } of rows) {
    const signals = noSignals();
    for (const one of SIGNALS) signals[one] = Number(counted[one]);
    for (const one of ids) found.set(one, signals);
  }
  return found;
}
