import { oneLine } from '../../../../src/kernel/chart/base.ts';
import type { ChartTable } from '../../../../src/kernel/chart/table.ts';
import type { ChartWords } from '../../../../src/kernel/chart/theme.ts';

const NAME_CHARS = 60;

/** Hands a file to the reader, named after the chart and today. */
export function saveFile(content: Blob, label: string, ending: string): void {
  const name = label
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .toLowerCase();
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = `${[...name].slice(0, NAME_CHARS).join('') || 'chart'}-${new Date().toISOString().slice(0, 10)}.${ending}`;
  document.body.append(link);
  link.click();
  link.remove();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** A formula when it is pasted into a spreadsheet. */
const FORMULA = /^\s*[=+\-@＝＋－＠]/;

/** The table as it is pasted into a spreadsheet or a text: tabs between cells, numbers as people read them. */
export function tableText(table: ChartTable, words: ChartWords): string {
  const safe = (text: string) => (FORMULA.test(text) ? `'${text}` : text);
  const head = table.columns.map((column) => safe(oneLine(column.name, 200)));
  const rows = table.rows.map((row) =>
    row.map(({ value }, at) => {
      if (value === null) return '';
      if (typeof value === 'string') return safe(oneLine(value, 200));
      return words.format(value, table.columns[at]?.unit ?? { kind: 'number' });
    }),
  );
  return [head, ...rows].map((cells) => cells.join('\t')).join('\n');
}
