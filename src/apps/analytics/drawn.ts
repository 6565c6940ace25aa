import { DARK, LIGHT, stillTheme } from '../../kernel/chart/colours.ts';
import { heightOf } from '../../kernel/chart/height.ts';
import { type Html, html } from '../../kernel/html.ts';
import { rowsOf } from './parts.ts';
import type { Shown } from './shown.ts';
import type { Speech } from './shown-names.ts';

const PICTURE_WIDTH = 860;
/** Pixels; what would be higher is cut off at its end, and is whole in its table. */
const HEIGHT_LIMIT = 1600;
/** Rows of a table below a picture. */
const ROWS_LIMIT = 200;

/** A chart as an SVG document. */
export async function drawn(
  { spec }: Shown,
  { words }: Speech,
  scheme: 'light' | 'dark' = 'light',
  width = PICTURE_WIDTH,
): Promise<string> {
  // The engine is large, and few processes ever draw: it is loaded when something is drawn.
  const { chartPicture } = await import('../../kernel/chart/picture.ts');
  const theme = stillTheme(scheme === 'light' ? LIGHT : DARK);
  return chartPicture(spec, { theme, words, width, height: Math.min(heightOf(spec), HEIGHT_LIMIT) });
}

const address = (svg: string) => `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;

/** A picture for light and dark, as an image: nothing in it can run. Its numbers are in the table below it. */
export async function pictureHtml(shown: Shown, speech: Speech): Promise<Html> {
  const { rows, left } = rowsOf(shown, speech, ROWS_LIMIT);
  if (rows.length < 2) return html`<p class="dim">${speech.t('nothing')}</p>`;
  const [light, dark] = await Promise.all([drawn(shown, speech, 'light'), drawn(shown, speech, 'dark')]);
  return html`<picture><source media="(prefers-color-scheme: dark)" srcset="${address(dark)}">
<img src="${address(light)}" alt="${shown.title}" width="${PICTURE_WIDTH}"></picture>
<details><summary>${speech.t('numbers')}</summary>${tableHtml(rows)}${left > 0 && html`<p class="dim">${speech.t('rowsLeft', { count: left })}</p>`}</details>`;
}

/** A table whose first row names the columns. */
function tableHtml([head = [], ...rows]: string[][]): Html {
  return html`<div class="table" tabindex="0"><table><thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([first, ...cells]) => html`<tr><th scope="row">${first}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}
