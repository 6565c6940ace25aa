import { refusePersonal } from '../../core/query/personal.ts';
import type { Report } from '../../core/query/report.ts';
import { type Answer, runReport } from '../../core/query/run.ts';
import type { Context } from '../../kernel/context.ts';
import { faultText } from '../../kernel/fault-text.ts';
import type { JobInfo } from '../../kernel/jobs.ts';
import { mailIsSetUp, sendMail } from '../../kernel/mail.ts';
import { Refusal, refuse } from '../../kernel/refusal.ts';
import { callerOf } from './acting.ts';
import { type Finding, judge } from './alert-judge.ts';
import { asWatched, checkRule, type Line, lineOf, Rule, Watched } from './alert-series.ts';
import { ALERT_COLUMNS, type Alert, EVALUATIONS_KEPT, type State, watchedReport } from './alerts.ts';
import { readersOf } from './recipients.ts';
import { mailWith } from './sent-mail.ts';
import { picturesOf } from './shown.ts';
import { bucketName, type Speech, speechIn } from './shown-names.ts';

/** Taken on at a time; the others follow in the next round. */
const ROUND_LIMIT = 100;
/** How long an alert waits after it was looked at: short intervals need it sooner. */
const WAIT_MINUTES = { short: 5, long: 30 };
/** Changes of which somebody is told. */
const TOLD: ReadonlySet<State> = new Set(['firing', 'resolved', 'broken']);

/** Looks at the alerts that are due, one after another; one that cannot be looked at holds up no other. */
export async function evaluateAlerts(
  context: Context,
  { signal }: Pick<JobInfo, 'signal'>,
  now = Date.now(),
): Promise<void> {
  for (let count = 0; count < ROUND_LIMIT && !signal.aborted; count++) {
    // Put off first, so that one that takes the process down with it is not the first again.
    const { rows } = await context.records.pool.query<Alert>(
      `UPDATE analytics_alerts a SET next_at = $1::timestamptz + make_interval(mins => $2) WHERE id = (
         SELECT id FROM analytics_alerts WHERE enabled AND next_at <= $1 ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING ${ALERT_COLUMNS}`,
      [new Date(now), WAIT_MINUTES.short],
    );
    if (!rows[0]) return;
    try {
      await evaluateAlert(context, rows[0], signal, now);
    } catch (error) {
      console.error(`The alert ${rows[0].id} could not be told of; it is tried again: ${faultText(error)}`);
    }
  }
}

interface Looked {
  report: Report;
  answer: Answer;
  watched: Watched;
  rule: Rule;
  finding: Finding;
}

async function evaluateAlert(context: Context, alert: Alert, signal: AbortSignal, now: number): Promise<void> {
  let looked: Looked | null = null;
  let broken = '';
  try {
    looked = await look(context, alert, signal, now);
  } catch (error) {
    if (signal.aborted) return;
    // A store that is away now is no fault of the report.
    if (!(error instanceof Refusal) || error.status >= 500) {
      console.error(`The alert ${alert.id} could not be looked at; it is tried again: ${faultText(error)}`);
      return;
    }
    broken = error.message;
  }
  const state = looked ? after(alert.state, looked.finding.state) : 'broken';
  const said = looked ? looked.finding.said : broken;
  const muted = alert.mutedUntil !== null && alert.mutedUntil.getTime() > now;
  const tells = state !== alert.state && TOLD.has(state) && !muted && mailIsSetUp(context.config);
  const mails = tells ? await mailsOf(context, alert, state, said, looked) : [];
  await context.records.transaction(async (client) => {
    const { rowCount } = await client.query(
      `UPDATE analytics_alerts SET state = $2, said = $3, judged = $4, evaluated_at = $5,
         next_at = $5::timestamptz + make_interval(mins => $6) WHERE id = $1 AND state = $7 AND enabled`,
      [
        ...[alert.id, state, said, looked?.finding.point?.key ?? null, new Date(now)],
        ...[isShort(looked?.report) ? WAIT_MINUTES.short : WAIT_MINUTES.long, alert.state],
      ],
    );
    // Changed or deleted meanwhile: it is looked at anew.
    if (!rowCount) return;
    const bucket = looked?.finding.point?.key ?? null;
    if (state !== alert.state || bucket !== alert.judged) {
      const { value = null } = looked?.finding.point ?? {};
      const { low = null, high = null } = looked?.finding.expected ?? {};
      await client.query(
        `INSERT INTO analytics_alert_evaluations (alert_id, at, state, bucket, value, low, high, said)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [alert.id, new Date(now), state, bucket, value, low, high, said],
      );
      await client.query(
        `DELETE FROM analytics_alert_evaluations WHERE alert_id = $1 AND id <= (SELECT id FROM analytics_alert_evaluations
           WHERE alert_id = $1 ORDER BY id DESC OFFSET $2 LIMIT 1)`,
        [alert.id, EVALUATIONS_KEPT],
      );
    }
    for (const mail of mails) await sendMail(client, mail);
  });
}

const isShort = (report: Report | undefined) =>
  report?.kind === 'trend' && (report.interval === 'minute' || report.interval === 'hour');

/** What follows on a state: an alarm that ended is told once. */
function after(before: State, found: Finding['state']): State {
  return before === 'firing' && found === 'ok' ? 'resolved' : found;
}

/** Asks as who set the alert up may now, and never for personal data: the answer leaves by mail. */
async function look(context: Context, alert: Alert, signal: AbortSignal, now: number): Promise<Looked> {
  const owner = await callerOf(context, alert.owner);
  if (!owner) throw refuse.forbidden(`${alert.ownerName}, who set the alert up, is no longer here. Save it as yours.`);
  if (!owner.permissions.has('reports.read'))
    throw refuse.forbidden(`${alert.ownerName}, who set the alert up, may see no reports any more. Save it as yours.`);
  const [watched, rule] = [Watched.safeParse(alert.watched), Rule.safeParse(alert.rule)];
  if (!watched.success || !rule.success) throw refuse.invalid('Its rule cannot be read any more. Write it anew.');
  const found = await watchedReport(context, owner, alert);
  checkRule(found, watched.data, rule.data);
  await refusePersonal(context, found);
  const report = asWatched(found, rule.data, false);
  const answer = await runReport(context, report, { signal, now });
  const line = lineOf(report, answer.result, watched.data, speechIn('en'));
  const finding: Finding = line
    ? judge(report, line, rule.data, now)
    : { state: 'nodata', point: null, change: null, expected: null, said: 'The report has no such series now.' };
  return { report, answer, watched: watched.data, rule: rule.data, finding };
}

async function mailsOf(context: Context, alert: Alert, state: State, said: string, looked: Looked | null) {
  const readers = await readersOf(context, alert.recipients);
  return Promise.all(
    readers.map(({ email, language }) => {
      const speech = speechIn(language);
      const { t } = speech;
      const link = `${context.url()}/alerts?alert=${alert.id}`;
      const line = looked && lineOf(looked.report, looked.answer.result, looked.watched, speech);
      const intro = looked && line ? [sentence(looked, line, state, speech)] : [t('alert.why', { why: said })];
      const pictures = looked ? picturesOf(looked.report, looked.answer.result, speech) : [];
      const parts = looked ? [{ kind: 'report' as const, title: '', meta: looked.answer.meta, pictures }] : [];
      const subject = t(`alert.${state}`, { name: alert.name });
      const foot = t('schedule.foot', { owner: alert.ownerName });
      return mailWith({ to: email, subject, intro, parts, link, foot }, speech);
    }),
  );
}

/** What happened, in words. */
function sentence({ report, rule, finding }: Looked, { name, unit }: Line, state: State, speech: Speech): string {
  const { t, words, language } = speech;
  const { point, change, expected } = finding;
  if (!point || point.value === null) return t('alert.nothing');
  const say = (value: number) => words.format(value, unit);
  const bucket = point.label
    ? bucketName(point.label, report.kind === 'trend' ? report.interval : 'day', speech)
    : t('alert.whole');
  const given = { what: name, value: say(point.value), bucket };
  if (state !== 'firing') return t('alert.now', given);
  if (rule.is === 'above' || rule.is === 'below') return t(`alert.${rule.is}`, { ...given, limit: say(rule.limit) });
  if (rule.is === 'anomaly' && expected)
    return t('alert.anomaly', { ...given, low: say(expected.low), high: say(expected.high) });
  const percent = new Intl.NumberFormat(language, {
    style: 'percent',
    signDisplay: 'always',
    maximumFractionDigits: 1,
  });
  return t('alert.change', { ...given, change: percent.format(change ?? 0) });
}
