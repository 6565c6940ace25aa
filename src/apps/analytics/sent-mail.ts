import { html } from '../../kernel/html.ts';
import { MAIL_PICTURES, type Mail, type MailPicture } from '../../kernel/mail.ts';
import { drawn } from './drawn.ts';
import { type Part, rowsOf } from './parts.ts';
import { pngOf } from './png.ts';
import type { Shown } from './shown.ts';
import type { Speech } from './shown-names.ts';

/** Pixels: mail programs show about so much. */
const WIDTH = 600;
const ROWS_LIMIT = 30;
/** Pictures of one mail; what is behind them is a link away. */
const MAILED_PICTURES = 20;
/** Bytes of one picture; a larger one is left out, and its numbers stay. */
const PICTURE_BYTES = 280_000;

const FONT = 'font-family:Inter,system-ui,-apple-system,Segoe UI,sans-serif';

interface Sent {
  to: string;
  subject: string;
  /** What is said above the pictures. */
  intro: string[];
  parts: readonly Part[];
  /** Where it stands in the console. */
  link: string;
  /** What is said at the end. */
  foot: string;
}

/** A mail with pictures of reports; the text has the numbers as plain tables. */
export async function mailWith({ to, subject, intro, parts, link, foot }: Sent, speech: Speech): Promise<Mail> {
  const { t, language } = speech;
  const attachments: MailPicture[] = [];
  let bytes = 0;
  const texts: string[] = [...intro];
  const bodies = [];
  for (const part of parts) {
    if (part.kind === 'text') {
      texts.push(part.text);
      bodies.push(html`<p style="white-space:pre-wrap">${part.text}</p>`);
      continue;
    }
    const title = part.title;
    if (title) {
      texts.push(title.toUpperCase());
      bodies.push(html`<h2 style="font-size:17px;margin:28px 0 8px">${title}</h2>`);
    }
    const pictures = part.kind === 'report' ? part.pictures : [];
    if (pictures.length === 0) {
      const why =
        part.kind === 'report' ? t('inConsole') : t(part.code === 'forbidden' ? 'share.refused' : 'share.failed');
      texts.push(why);
      bodies.push(html`<p style="color:#545b68">${why}</p>`);
    }
    for (const picture of pictures) {
      const { rows, left } = rowsOf(picture, speech, ROWS_LIMIT);
      const more = left > 0 ? `\n${t('rowsLeft', { count: left })}` : '';
      texts.push(rows.length < 2 ? t('nothing') : plainTable(rows) + more);
      const png = rows.length < 2 || attachments.length >= MAILED_PICTURES ? null : await mailed(picture, speech);
      if (!png || bytes + png.length > MAIL_PICTURES.bytes) {
        bodies.push(html`<p style="color:#545b68">${rows.length < 2 ? t('nothing') : t('morePictures')}</p>`);
        continue;
      }
      bytes += png.length;
      const cid = `picture-${attachments.length + 1}`;
      attachments.push({ cid, name: `${cid}.png`, type: 'image/png', base64: png });
      bodies.push(
        html`<p><img src="cid:${cid}" alt="${picture.title}" width="${WIDTH}" style="max-width:100%;height:auto;border:1px solid #e5e7ec;border-radius:8px"></p>`,
      );
    }
  }
  const button = html`<p style="margin:28px 0"><a href="${link}" style="display:inline-block;padding:10px 18px;border-radius:8px;background:#4a48d4;color:#fff;text-decoration:none">${t('open')}</a></p>`;
  const page = html`<!doctype html><html lang="${language}"><body style="${FONT};line-height:1.5;color:#17191f;max-width:640px">
${intro.map((text) => html`<p>${text}</p>`)}${bodies}${button}<p style="color:#545b68;font-size:13px">${foot}</p></body></html>`;
  const text = `${texts.join('\n\n')}\n\n${t('open')}:\n${link}\n\n${foot}\n`;
  return { to, subject: subject.slice(0, 300), text, html: page.html, attachments };
}

async function mailed(picture: Shown, speech: Speech): Promise<string | null> {
  const png = await pngOf(await drawn(picture, speech, 'light', WIDTH), WIDTH);
  return png.byteLength > PICTURE_BYTES ? null : Buffer.from(png).toString('base64');
}

/** Columns side by side, as wide as what stands in them. */
function plainTable(rows: string[][]): string {
  const short = rows.map((row) =>
    row.slice(0, 6).map((cell) => [...cell.replaceAll(/\s+/g, ' ')].slice(0, 40).join('')),
  );
  const widths = short[0]!.map((_, at) => Math.max(...short.map((row) => [...(row[at] ?? '')].length)));
  return short
    .map((row) => row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('  '))
    .join('\n');
}
