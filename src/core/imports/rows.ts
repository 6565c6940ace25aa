import { refuse } from '../../kernel/refusal.ts';
import type { TextFile } from './decode.ts';
import { recordsOf } from './delimited.ts';
import { LINE_CHARACTERS, linesOf, type TextLine } from './lines.ts';
import { COLUMNS_LIMIT, type FileMapping, type Format } from './mapping-file.ts';

export type Row = Record<string, unknown>;
type Cell = string | number | boolean | null;

/** A line of a file: what it holds (the cells of a table, or an object), or why it cannot be used. */
export type Line =
  | { number: number; value: Cell[] | Row; reason?: undefined }
  | { number: number; value?: undefined; reason: string; raw: string };

/** A file's lines, in batches. `columns` is known once the first batch has come; undefined for NDJSON. */
export interface Rows {
  batches: AsyncIterable<Line[]>;
  columns(): readonly string[] | undefined;
  format(): Format;
}

/** Reads the rows of a file. Refuses, when they are read, a file without a header that could be one. */
export function rowsOf(file: TextFile, name: string, mapping: FileMapping): Rows {
  let columns: string[] | undefined;
  let format: Format = 'csv';
  async function* read(): AsyncGenerator<Line[]> {
    const lines = await peek(linesOf(file.text));
    const first = lines.first?.find((line) => line.text.trim() !== '');
    if (!first) throw refuse.invalid('The file is empty.');
    format = mapping.format ?? guessFormat(name, first.text);
    if (format === 'ndjson') {
      refuseList(first.text);
      for await (const batch of lines.all) yield readObjects(batch, file);
      return;
    }
    if (first.tooLong) {
      throw refuse.invalid(
        `The first line is longer than ${LINE_CHARACTERS.toLocaleString('en')} characters: this is no CSV, TSV or NDJSON file.`,
      );
    }
    const delimiter = mapping.delimiter ?? (format === 'tsv' ? '\t' : guessDelimiter(first.text));
    let cells: CellReader | undefined;
    if (mapping.columns) {
      columns = mapping.columns;
      cells = cellReader(columns, mapping);
    }
    for await (const records of recordsOf(lines.all, delimiter, columns?.length)) {
      const batch: Line[] = [];
      for (const record of records) {
        if (!columns && record.fields) {
          columns = readHeader(record.fields);
          cells = cellReader(columns, mapping);
        } else if (!record.fields) batch.push({ number: record.line, reason: record.reason, raw: record.raw });
        else batch.push(readCells(record.line, record.fields, cells!, file));
      }
      if (batch.length > 0) yield batch;
    }
  }
  return { batches: read(), columns: () => columns, format: () => format };
}

/** A line's value as the object that a mapping sees. Empty cells are left out. */
export function rowOf(value: Cell[] | Row, columns: readonly string[] | undefined): Row {
  if (!Array.isArray(value)) return value;
  const row: Row = {};
  for (let index = 0; index < value.length; index++) {
    if (value[index] !== null) row[columns![index]!] = value[index];
  }
  return row;
}

async function peek(batches: AsyncIterable<TextLine[]>) {
  const iterator = batches[Symbol.asyncIterator]();
  const { value, done } = await iterator.next();
  const first = done ? undefined : (value as TextLine[]);
  async function* all() {
    if (first) yield first;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  }
  return { first, all: all() };
}

function guessFormat(name: string, first: string): Format {
  const ending = /\.(\w+?)(?:\.gz)?$/i.exec(name)?.[1]?.toLowerCase();
  if (ending === 'ndjson' || ending === 'jsonl') return 'ndjson';
  if (ending === 'tsv' || ending === 'tab') return 'tsv';
  if (ending === 'csv') return 'csv';
  if (/^\s*[{[]/.test(first)) return 'ndjson';
  return guessDelimiter(first) === '\t' ? 'tsv' : 'csv';
}

/** The sign that stands most often in the header, outside quotes. */
function guessDelimiter(header: string): string {
  const bare = header.replaceAll(/"[^"]*"/g, '');
  let best = ',';
  for (const sign of [';', '\t', '|']) if (bare.split(sign).length > bare.split(best).length) best = sign;
  return best;
}

function readHeader(fields: string[]): string[] {
  if (fields.length > COLUMNS_LIMIT) {
    throw refuse.invalid(
      `The header has ${fields.length.toLocaleString('en')} columns; ${COLUMNS_LIMIT.toLocaleString('en')} can be read. Leave out those that the mapping does not use.`,
    );
  }
  const columns = fields.map((field, index) => field.trim() || `column_${index + 1}`);
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) {
    throw refuse.invalid(
      `The header has two columns named "${twice.slice(0, 100)}". Name them apart; if the file has no header line, name its columns in the mapping's "columns".`,
    );
  }
  return columns;
}

type CellReader = { types: ('text' | 'number' | 'boolean')[]; columns: string[]; trim: boolean };

function cellReader(columns: string[], mapping: FileMapping): CellReader {
  for (const name of Object.keys(mapping.types)) if (!columns.includes(name)) throw noColumn(name, columns, 'types');
  return { columns, trim: mapping.trim, types: columns.map((column) => mapping.types[column] ?? 'text') };
}

/** A refusal for a column that a mapping names and a file does not have. */
export function noColumn(name: string, columns: readonly string[], where: string): Error {
  const known = columns.slice(0, 30).join(', ');
  return refuse.invalid(
    `The mapping's "${where}" names the column "${name}", but the file's columns are: ${known}${columns.length > 30 ? ' …' : ''}. If its first line is no header, name the columns in the mapping's "columns".`,
  );
}

function readCells(number: number, fields: string[], { types, columns, trim }: CellReader, file: TextFile): Line {
  if (file.damaged() && fields.some(isDamaged)) {
    return { number, reason: damagedReason(file), raw: fields.join(',') };
  }
  const cells: Cell[] = fields;
  for (let index = 0; index < fields.length; index++) {
    const text = trim ? fields[index]!.trim() : fields[index]!;
    const type = types[index];
    if (text === '') cells[index] = null;
    else if (type === 'number') {
      const value = Number(text);
      if (!Number.isFinite(value) || text.trim() === '') {
        return { number, reason: `${columns[index]}: "${text.slice(0, 100)}" is not a number`, raw: fields.join(',') };
      }
      cells[index] = value;
    } else if (type === 'boolean') {
      const value = BOOLEANS.get(text.trim().toLowerCase());
      if (value === undefined) {
        return {
          number,
          reason: `${columns[index]}: "${text.slice(0, 100)}" is not true or false`,
          raw: fields.join(','),
        };
      }
      cells[index] = value;
    } else cells[index] = text;
  }
  return { number, value: cells };
}

const BOOLEANS = new Map([
  ...['true', 't', 'yes', 'y', '1'].map((word) => [word, true] as const),
  ...['false', 'f', 'no', 'n', '0'].map((word) => [word, false] as const),
]);

const isDamaged = (text: string) => text.includes('\uFFFD');

function damagedReason(file: TextFile): string {
  return `the line has bytes that are not ${file.encoding}; if the file is in another encoding, name it in the mapping, for example "encoding": "windows-1252"`;
}

function refuseList(first: string): void {
  if (!/^\s*\[/.test(first)) return;
  throw refuse.invalid(
    'The file is one JSON list. NDJSON has one object a line; for example "jq -c .[] file.json" writes it so.',
  );
}

function readObjects(lines: readonly TextLine[], file: TextFile): Line[] {
  const batch: Line[] = [];
  for (const { number, text, tooLong } of lines) {
    if (tooLong) {
      batch.push({
        number,
        reason: `the line is longer than ${LINE_CHARACTERS.toLocaleString('en')} characters`,
        raw: text,
      });
    } else if (text.trim() !== '') batch.push(readObject(number, text, file));
  }
  return batch;
}

function readObject(number: number, text: string, file: TextFile): Line {
  if (file.damaged() && isDamaged(text)) return { number, reason: damagedReason(file), raw: text };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { number, value: value as Row };
    return { number, reason: 'the line is JSON but not an object', raw: text };
  } catch (error) {
    return { number, reason: `the line is not JSON: ${(error as Error).message}`, raw: text };
  }
}
