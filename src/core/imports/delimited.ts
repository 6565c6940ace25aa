import type { TextLine } from './lines.ts';
import { LINE_CHARACTERS } from './lines.ts';

/** Longest record that goes over several lines, in characters and lines: beyond it a quote was left open. */
const RECORD_CHARACTERS = 256 * 1024;
const RECORD_LINES = 1000;

/** One record of a table: its fields, or why it cannot be read. */
export type DelimitedRecord =
  | { line: number; fields: string[]; reason?: undefined }
  | { line: number; fields?: undefined; reason: string; raw: string };

/** `width` 0: not known yet, any number of fields will do. */
interface Table {
  delimiter: string;
  width: number;
}

type Parsed = { fields: string[]; next: number } | { reason: string } | 'more';

/**
 * Reads the records of a delimited table (RFC 4180) from its lines; empty lines are passed over. Quotes count at the
 * beginning of a field only.
 *
 * All records have as many fields as the first one, or as `width` says.
 *
 * What is wrong with a line stays with that line: a quoted field that is never closed, or whose end makes no such record, is taken for a stray quote, its line is refused and reading goes on at the next one. (The CSV
 * libraries tried lose everything from a stray quote to the end of the file, or take it for one huge field.)
 */
export async function* recordsOf(
  batches: AsyncIterable<TextLine[]>,
  delimiter: string,
  width?: number,
): AsyncGenerator<DelimitedRecord[]> {
  const table: Table = { delimiter, width: width ?? 0 };
  let lines: TextLine[] = [];
  for await (const batch of batches) {
    lines = lines.length === 0 ? batch : [...lines, ...batch];
    const records: DelimitedRecord[] = [];
    const read = readRecords(lines, table, false, records);
    lines = lines.slice(read);
    if (records.length > 0) yield records;
  }
  const records: DelimitedRecord[] = [];
  readRecords(lines, table, true, records);
  if (records.length > 0) yield records;
}

/** Reads what can be read; returns how many lines that took. */
function readRecords(lines: readonly TextLine[], table: Table, last: boolean, into: DelimitedRecord[]): number {
  let at = 0;
  while (at < lines.length) {
    const { number, text, tooLong } = lines[at]!;
    if (text === '' && !tooLong) {
      at++;
      continue;
    }
    const parsed = tooLong ? tooLongLine : parseRecord(lines, at, table, last);
    if (parsed === 'more') break;
    if ('fields' in parsed) {
      table.width ||= parsed.fields.length;
      into.push({ line: number, fields: parsed.fields });
      at = parsed.next;
    } else {
      into.push({ line: number, reason: parsed.reason, raw: text });
      at++;
    }
  }
  return at;
}

const tooLongLine = { reason: `the line is longer than ${LINE_CHARACTERS.toLocaleString('en')} characters` };

/** The record that begins at a line. */
function parseRecord(lines: readonly TextLine[], first: number, { delimiter, width }: Table, last: boolean): Parsed {
  const start = lines[first]!.text;
  const parsed = start.includes('"')
    ? parseQuoted(lines, first, delimiter, last)
    : { fields: start.split(delimiter), next: first + 1 };
  if (parsed === 'more' || 'reason' in parsed) return parsed;
  const { fields, next } = parsed;
  if (width === 0 || fields.length === width) return parsed;
  if (next > first + 1)
    return { reason: `${notClosed}, or the record has ${fields.length} fields instead of ${width}` };
  return { reason: `the line has ${fields.length} fields, the header ${width}` };
}

const notClosed = 'a field begins with a quote that is not closed';

function parseQuoted(lines: readonly TextLine[], first: number, delimiter: string, last: boolean): Parsed {
  const fields: string[] = [];
  let line = first;
  let text = lines[line]!.text;
  let at = 0;
  for (;;) {
    if (text[at] !== '"') {
      const end = text.indexOf(delimiter, at);
      fields.push(end < 0 ? text.slice(at) : text.slice(at, end));
      if (end < 0) return { fields, next: line + 1 };
      at = end + 1;
      continue;
    }
    let value = '';
    at++;
    for (;;) {
      const quote = text.indexOf('"', at);
      if (quote < 0) {
        value += `${text.slice(at)}\n`;
        line++;
        if (value.length > RECORD_CHARACTERS || line - first >= RECORD_LINES) return { reason: notClosed };
        if (line >= lines.length) return last ? { reason: notClosed } : 'more';
        if (lines[line]!.tooLong) return { reason: notClosed };
        text = lines[line]!.text;
        at = 0;
        continue;
      }
      value += text.slice(at, quote);
      at = quote + 1;
      if (text[at] !== '"') break;
      value += '"';
      at++;
    }
    fields.push(value);
    if (at === text.length) return { fields, next: line + 1 };
    if (text[at] !== delimiter) return { reason: `field ${fields.length} goes on after its closing quote` };
    at++;
  }
}
