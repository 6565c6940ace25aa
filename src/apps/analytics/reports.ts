import { z } from 'zod';
import { personalFieldIn, refusePersonal } from '../../core/query/personal.ts';
import { Report } from '../../core/query/report.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Context } from '../../kernel/context.ts';
import { shortText } from '../../kernel/storable.ts';
import type { SavedAbout, SavedNoun } from './saved-routes.ts';

const DISPLAY_LIMIT = 20;

/** How a report is drawn: the console's own names and values. */
export const Display = z
  .record(z.string().regex(/^[a-zA-Z]{1,40}$/), z.union([shortText(200), z.number(), z.boolean()]))
  .refine((display) => Object.keys(display).length <= DISPLAY_LIMIT, {
    error: `has more than ${DISPLAY_LIMIT} choices`,
  });
export type Display = z.output<typeof Display>;

const ReportContent = z.strictObject({ report: Report, display: Display.default({}) });

/** A stored report as it is shown: `report` is null where it cannot be asked, and `problem` says why. */
export const ShownReport = z.object({
  report: z.unknown().describe('The report, as POST /api/query takes it; null where it cannot be asked.'),
  display: Display,
  problem: z
    .string()
    .nullable()
    .describe('Why the report cannot be asked: its words are of another version, for example.'),
  stored: z.unknown().describe('What is stored, where it cannot be read as a report.'),
});
export interface ShownReport {
  report: Report | null;
  display: Display;
  problem: string | null;
  stored?: unknown;
}
export type SavedReport = SavedAbout & { content: ShownReport };
const ReportListed = z.object({
  kind: z.string().describe('The kind of report; empty where it cannot be read.'),
});
export type SavedReportSummary = SavedAbout & { about: z.output<typeof ReportListed> };

/**
 * Reads what was once stored. What is not a report any more is said with what is wrong, and never an error; so is one
 * that asks for personal data where the caller's role does not show it.
 */
export async function readReport(context: Context, caller: Caller, content: unknown): Promise<ShownReport> {
  const { report: stored, display } = (content ?? {}) as { report?: unknown; display?: unknown };
  const drawn = Display.safeParse(display ?? {});
  const shown = { report: null, display: drawn.success ? drawn.data : {} };
  if (caller.hidesPersonalData && (await personalFieldIn(context, stored)))
    return { ...shown, problem: 'It asks for personal data, which your role does not show. Ask an administrator.' };
  const parsed = Report.safeParse(stored);
  if (parsed.success) return { ...shown, report: parsed.data, problem: null };
  return { ...shown, problem: notAReport(parsed.error), stored };
}

/** What is wrong with a value that is not a report. */
export function notAReport(error: z.ZodError): string {
  const [issue] = error.issues;
  const where = issue?.path.length ? `${issue.path.join('.')}: ` : '';
  return `It cannot be read as a report any more: ${where}${issue?.message ?? 'not as described'}. Make it anew, or restore an earlier version.`;
}

export const reportNoun: SavedNoun<typeof ReportContent, typeof ShownReport, typeof ReportListed> = {
  kind: 'report',
  path: '/api/reports',
  content: ReportContent,
  shown: ShownReport,
  listed: ReportListed,
  async check(context, caller, content) {
    if (caller.hidesPersonalData) await refusePersonal(context, content.report);
    return content;
  },
  show: (context, caller, content) => readReport(context, caller, content) as Promise<z.input<typeof ShownReport>>,
  list: (content) => {
    const parsed = Report.safeParse((content as { report?: unknown } | null)?.report);
    return { kind: parsed.success ? parsed.data.kind : '' };
  },
};
