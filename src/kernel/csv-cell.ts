/** What a spreadsheet would take for the beginning of a formula, in narrow and wide characters. */
const FORMULA = '[=+\\-@＝＋－＠]';
/** At the beginning, and after what some spreadsheets take for the end of a cell. */
const DANGEROUS = new RegExp(`(?<=^|[;\\t\\r\\n])(?=\\s*${FORMULA})|^(?=[\\t\\r\\n])`, 'g');

/**
 * A value as a cell. Text that a spreadsheet would run as a formula gets an apostrophe before it; numbers stay numbers,
 * nothing is an empty cell, lists and objects are JSON.
 */
export function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  const text = value instanceof Date ? value.toISOString() : typeof value === 'string' ? value : JSON.stringify(value);
  const safe = (text ?? '').replace(DANGEROUS, "'");
  return /[",;\t\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
