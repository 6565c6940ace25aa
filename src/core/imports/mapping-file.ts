import { z } from 'zod';
import { refuse } from '../../kernel/refusal.ts';
import { compileMapping } from '../intake/mapping/mapping.ts';

export const FORMATS = ['csv', 'tsv', 'ndjson'] as const;
export type Format = (typeof FORMATS)[number];

/** Columns that a table may have. */
export const COLUMNS_LIMIT = 2000;

const Constant = z.union([z.string().max(1000), z.number(), z.boolean(), z.null()]);
const Word = z.string().regex(/^[A-Za-z]\w{0,60}$/, 'must be a word of letters, digits and underscores');

/** A mapping file: how the lines of a file become events. Described for people in docs/import.md. */
const MappingFile = z.strictObject({
  about: z.union([z.string(), z.array(z.string())]).optional(),
  format: z.enum(FORMATS).optional(),
  delimiter: z
    .string()
    .length(1)
    .refine((sign) => !'"\r\n'.includes(sign), 'must be one character other than a quote or a line end')
    .optional(),
  encoding: z
    .string()
    .refine(isEncoding, 'is not an encoding known here; for example utf-8, utf-16le, windows-1252, iso-8859-2')
    .optional(),
  columns: z.array(z.string().min(1).max(500)).min(1).max(COLUMNS_LIMIT).optional(),
  trim: z.boolean().optional(),
  types: z.record(z.string(), z.enum(['text', 'number', 'boolean'])).optional(),
  constants: z.record(Word, Constant).optional(),
  group: z.strictObject({ by: z.string().min(1).max(10_000) }).optional(),
  events: z.union([z.string().min(1), z.array(z.string()).min(1)]),
});

/** A mapping file whose expressions are known to be readable. `expression` is its `events` with the constants before it. */
export interface FileMapping {
  format: Format | undefined;
  delimiter: string | undefined;
  encoding: string | undefined;
  columns: string[] | undefined;
  /** Whether spaces around the cells of a table are left out. */
  trim: boolean;
  types: Record<string, 'text' | 'number' | 'boolean'>;
  groupBy: string | undefined;
  expression: string;
}

/**
 * Reads a mapping file, given as JSON or as its text. Refuses with 400, naming the path of what is wrong: a key that is
 * not known, a value of the wrong kind, an expression that cannot be read (with its line and column).
 */
export function parseFileMapping(value: unknown): FileMapping {
  const parsed = MappingFile.safeParse(typeof value === 'string' ? parseText(value) : value);
  if (!parsed.success) {
    const problems = parsed.error.issues
      .slice(0, 20)
      .map((issue) => ({ path: ['mapping', ...issue.path].join('.'), message: issue.message }));
    throw refuse.invalid(
      `The mapping file is not as described in docs/import.md: ${problems[0]?.path}: ${problems[0]?.message}.`,
      problems,
    );
  }
  const file = parsed.data;
  const events = typeof file.events === 'string' ? file.events : file.events.join('\n');
  const expression = withConstants(file.constants ?? {}, events);
  refuseUnreadable('mapping.events', expression);
  const groupBy = file.group?.by;
  if (groupBy !== undefined && !isName(groupBy, file.columns)) refuseUnreadable('mapping.group.by', groupBy);
  return {
    format: file.format,
    delimiter: file.delimiter,
    encoding: file.encoding,
    columns: file.columns,
    trim: file.trim ?? false,
    types: file.types ?? {},
    groupBy,
    expression,
  };
}

/** True where `by` names a column rather than being an expression. A file's own columns, where known, decide. */
export function isName(by: string, columns: readonly string[] | undefined): boolean {
  return columns?.includes(by) || /^[\p{L}_][\p{L}\p{N}_ -]*$/u.test(by);
}

function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refuse.invalid(`The mapping file is not JSON: ${(error as Error).message}`);
  }
}

/** Constants become variables of the expression, on its first line, so that the lines of a message stay right. */
function withConstants(constants: Record<string, z.output<typeof Constant>>, events: string): string {
  const bindings = Object.entries(constants).map(([name, value]) => `$${name} := ${JSON.stringify(value)}; `);
  return bindings.length === 0 ? events : `(${bindings.join('')}${events})`;
}

function refuseUnreadable(path: string, expression: string): void {
  try {
    compileMapping(expression);
  } catch (error) {
    throw refuse.invalid(`${path}: ${(error as Error).message}`, [{ path, message: (error as Error).message }]);
  }
}

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== 'replacement';
  } catch {
    return false;
  }
}
