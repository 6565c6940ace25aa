import { escapeHtml } from '../../kernel/html.ts';
import { type Language, openText } from '../../kernel/text.ts';

/** Rows of one kind that the page shows; all are in the JSON beside it. */
export const SHOWN_ROWS = 20_000;

const texts = openText(new URL('./messages/', import.meta.url));

const STYLE = `
  :root { color-scheme: light dark; }
  body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; }
  table { border-collapse: collapse; width: 100%; } td { vertical-align: top; padding: .3rem .6rem .3rem 0; }
  tbody { border-top: 1px solid #8888; } td:first-child { width: 14rem; color: #666; overflow-wrap: anywhere; }
  td { overflow-wrap: anywhere; white-space: pre-wrap; } nav ul { columns: 2; padding-inline-start: 1.2rem; }
  @media (prefers-color-scheme: dark) { td:first-child { color: #aaa; } }
  @media print { body { margin: 0; max-width: none; font-size: 11px; } nav { display: none; } tbody { break-inside: avoid; } }`;

/** The page of an archive: complete in itself, so that it opens without a network and prints. */
export function pageStart(
  language: Language,
  { company, at, sections }: { company: string; at: Date; sections: readonly { file: string; count: number }[] },
): string {
  const t = texts(language);
  const date = at.toLocaleString(language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  const list = sections.map(
    ({ file, count }) =>
      `<li><a href="#${escapeHtml(file)}">${escapeHtml(titleOf(language, file))}</a> (${count})</li>`,
  );
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(t('export.title', { company }))}</title><style>${STYLE}</style></head><body>
<h1>${escapeHtml(t('export.title', { company }))}</h1>
<p>${escapeHtml(t('export.made', { date }))}</p><p>${escapeHtml(t('export.what'))}</p>
<nav aria-label="${escapeHtml(t('export.contents'))}"><ul>${list.join('')}</ul></nav>\n`;
}

export const sectionStart = (language: Language, file: string, count: number): string =>
  `<section id="${escapeHtml(file)}"><h2>${escapeHtml(titleOf(language, file))} (${count})</h2><table>\n`;

/** Each row a group of lines: the name of a field and its value. */
export function sectionRows(language: Language, _file: string, rows: readonly object[]): string {
  return rows.map((row) => `<tbody>${lines(language, row)}</tbody>\n`).join('');
}

export function sectionEnd(language: Language, file: string, count: number): string {
  const more =
    count > SHOWN_ROWS ? `<p>${escapeHtml(texts(language)('export.more', { file: `${file}.json` }))}</p>` : '';
  return `</table>${more}</section>\n`;
}

export const pageEnd = (): string => '</body></html>\n';

const KNOWN = [
  'accounts',
  'audit',
  'consent',
  'consent-history',
  'deliveries',
  'earlier-traits',
  'events',
  'identifiers',
  'identity-reports',
  'jobs',
  'merges',
  'outbox',
  'quarantine',
  'requests',
  'restrictions',
  'traits',
];

function titleOf(language: Language, file: string): string {
  return KNOWN.includes(file) ? texts(language)(`export.file.${file}`) : file;
}

function lines(language: Language, row: object): string {
  return Object.entries(row)
    .filter(([, value]) => value !== null && value !== undefined && value !== '' && !isEmptyObject(value))
    .map(([name, value]) => `<tr><td>${escapeHtml(name)}</td><td>${escapeHtml(textOf(language, value))}</td></tr>`)
    .join('');
}

const isEmptyObject = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

function textOf(language: Language, value: unknown): string {
  if (typeof value === 'string') {
    if (!/^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)$/.test(value)) return value;
    const at = new Date(value);
    return Number.isNaN(at.getTime())
      ? value
      : `${at.toLocaleString(language, { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' })} UTC`;
  }
  return typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value);
}
