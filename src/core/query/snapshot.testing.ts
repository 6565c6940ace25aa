import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Context } from '../../kernel/context.ts';
import { Report, type ReportInput } from './report.ts';
import { statementsOf } from './run.ts';

/**
 * Compares the statements that reports send with the committed text of a file, so that whoever changes them sees and
 * reviews what changed. `UPDATE_SNAPSHOTS=1` writes the file anew.
 *
 *     await sameStatements(context, new URL('./trend.sql', import.meta.url), { 'daily people': {…} }, now);
 */
export async function sameStatements(
  context: Context,
  file: URL,
  reports: Readonly<Record<string, ReportInput>>,
  now: number,
): Promise<void> {
  const parts: string[] = [];
  for (const [title, input] of Object.entries(reports)) {
    for (const { name, statement } of await statementsOf(context, Report.parse(input), { now })) {
      parts.push(`-- ${title} · ${name}\n${statement.sql}\n-- ${JSON.stringify(statement.params)}\n`);
    }
  }
  sameText(file, parts.join('\n'));
}

/** Compares a text with a committed file; `UPDATE_SNAPSHOTS=1` writes the file anew. */
export function sameText(file: URL, text: string): void {
  if (process.env.UPDATE_SNAPSHOTS === '1') {
    writeFileSync(file, text);
    return;
  }
  let known = '';
  try {
    known = readFileSync(file, 'utf8');
  } catch {
    // There is none yet: everything is new.
  }
  assert.equal(text, known, 'The statements have changed. Look at the difference; UPDATE_SNAPSHOTS=1 accepts it.');
}
