import { quoteName } from '../bindings.ts';
import type { ReportKind } from '../kind.ts';
import type { Query } from '../query.ts';
import { wilson } from '../wilson.ts';
import type { FormsResult } from './forms-result.ts';
import type { FormsCounts, FormsOptions } from './forms-walk.ts';
import { FormsPart, type FormsReport } from './schema.ts';
import { cutText, rowsOf } from './where.ts';

const FORM_USED = 'Form Used';
const NAME_BYTES = 2000;
/** Of a list as JSON; a longer one is cut, and so no list. */
const LIST_BYTES = 16_000;

/** How people fill in a form: which fields take long, are corrected, and are the last before somebody leaves. */
export const forms: ReportKind<FormsReport, FormsResult> = {
  kind: 'forms',
  part: FormsPart,
  async run(query, report) {
    const { forms, chosen, formsLeft } = await walked(query, report);
    if (formsLeft) query.warnings.push(`The ${forms.length} most used forms are listed; there are more.`);
    const seconds = (milliseconds: number | null) => (milliseconds === null ? null : milliseconds / 1000);
    return {
      forms: forms.map((one) => ({ ...one, abandoned: one.uses - one.submitted })),
      form: chosen?.form ?? report.form ?? null,
      uses: chosen?.uses ?? 0,
      people: chosen?.people ?? 0,
      submitted: chosen?.submitted ?? 0,
      submittedShare: wilson(chosen?.submitted ?? 0, chosen?.uses ?? 0),
      medianSeconds: seconds(chosen?.medianMs ?? null),
      fields: (chosen?.fields ?? []).map(({ medianMs, ...one }) => ({
        ...one,
        share: one.uses / chosen!.uses,
        medianSeconds: seconds(medianMs),
        abandonedShare: wilson(one.abandoned, one.uses),
      })),
    };
  },
  async people(query, report, part: FormsPart, { after, limit }) {
    return (await walked(query, report, { part, after, limit })).collected;
  },
};

const listSql = (name: string) =>
  `substring(ifNull(toJSONString(e.properties.${quoteName(name)}), ''), 1, ${LIST_BYTES})`;

function walked(query: Query, report: FormsReport, collect?: FormsOptions['collect']): Promise<FormsCounts> {
  const rows = rowsOf(query, report, FORM_USED, (scope) => ({
    form: cutText(scope, 'form', NAME_BYTES),
    submitted: cutText(scope, 'submitted', 10),
    lastField: cutText(scope, 'lastField', NAME_BYTES),
    fields: listSql('fields'),
    times: listSql('times'),
    refills: listSql('refills'),
  }));
  return query.walkRows<FormsCounts>('uses of forms', 'forms', rows, {
    form: report.form ?? null,
    ...(collect ? { collect } : {}),
  } satisfies FormsOptions);
}
