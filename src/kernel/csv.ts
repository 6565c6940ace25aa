import { z } from 'zod';
import { csvCell } from './csv-cell.ts';

/** Rows of an export; what a list has beyond them is said in its last line. */
export const CSV_ROWS_LIMIT = 100_000;

/** A spreadsheet reads UTF-8 as such only where the file begins with this. */
const BYTE_ORDER_MARK = '\uFEFF';

interface CsvColumn {
  name: string;
  path: readonly string[];
}

/**
 * The schema of an item, where `reply` is that of a list (`pageOf`, also extended); undefined for every other reply.
 */
export function listItem(reply: z.ZodType | undefined): z.ZodType | undefined {
  if (!(reply instanceof z.ZodObject)) return undefined;
  const { items, nextCursor } = reply.shape as Record<string, unknown>;
  return items instanceof z.ZodArray && nextCursor ? (items.element as z.ZodType) : undefined;
}

/** A column for each value of an item: fields of objects within it as `address.city`; lists and free forms stay whole. */
function csvColumns(item: z.ZodType): CsvColumn[] {
  const found = new Map<string, CsvColumn>();
  const walk = (schema: z.ZodType, path: readonly string[]) => {
    const inner = unwrapped(schema);
    if (inner instanceof z.ZodObject) {
      for (const [name, field] of Object.entries(inner.shape)) walk(field as z.ZodType, [...path, name]);
    } else if (
      inner instanceof z.ZodUnion &&
      inner.options.some((one) => unwrapped(one as z.ZodType) instanceof z.ZodObject)
    ) {
      for (const option of inner.options) walk(option as z.ZodType, path);
    } else {
      found.set(path.join('.'), { name: path.join('.') || 'value', path });
    }
  };
  walk(item, []);
  return [...found.values()];
}

function unwrapped(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return unwrapped(schema.unwrap() as z.ZodType);
  }
  if (schema instanceof z.ZodReadonly) return unwrapped(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodPipe) return unwrapped(schema.in as z.ZodType);
  return schema;
}

function csvLine(columns: readonly CsvColumn[], item: unknown): string {
  const cells = columns.map(({ path }) => {
    let value = item;
    for (const name of path) {
      value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
    }
    return csvCell(value);
  });
  return `${cells.join(',')}\r\n`;
}

export interface ListPage {
  items: unknown[];
  nextCursor: string | null;
}

/**
 * A list as a file, page by page as fast as it is read. The first page is asked for before anything is answered, so
 * that a refusal is still a refusal; a fault later breaks the connection, so that nobody takes half a file for a whole.
 */
export async function csvAnswer(options: {
  item: z.ZodType;
  /** For the file's name. */
  name: string;
  signal: AbortSignal;
  page: (cursor: string | undefined) => Promise<ListPage>;
}): Promise<Response> {
  const columns = csvColumns(options.item);
  const encoder = new TextEncoder();
  let next: ListPage | null = await options.page(undefined);
  let left = CSV_ROWS_LIMIT;
  let head = `${BYTE_ORDER_MARK}${columns.map((column) => csvCell(column.name)).join(',')}\r\n`;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        if (!next) {
          controller.close();
          return;
        }
        options.signal.throwIfAborted();
        const { items, nextCursor }: ListPage = next;
        const rows = items.slice(0, left);
        left -= rows.length;
        let text = head + rows.map((row) => csvLine(columns, row)).join('');
        head = '';
        const more = nextCursor !== null || items.length > rows.length;
        if (more && left === 0) {
          text += `${csvCell(`There is more: a file holds the first ${CSV_ROWS_LIMIT.toLocaleString('en')} rows. Narrow the list by its filters.`)}\r\n`;
        }
        next = nextCursor !== null && left > 0 ? await options.page(nextCursor) : null;
        controller.enqueue(encoder.encode(text));
      } catch (error) {
        controller.error(error);
      }
    },
    cancel() {
      next = null;
    },
  });
  const day = new Date().toISOString().slice(0, 10);
  return new Response(body, {
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="${options.name}-${day}.csv"`,
      'cache-control': 'no-store',
    },
  });
}

/** `/api/people/{id}/timeline` as `people-timeline`. */
export function csvName(path: string): string {
  const words = path.split('/').filter((word) => /^[a-z][a-z0-9-]*$/.test(word) && word !== 'api');
  return words.join('-') || 'list';
}
