import { hash } from 'node:crypto';
import { franc } from 'franc-min';
import PostalMime, { type Address, type Attachment, type Email } from 'postal-mime';
import { withoutQuotation } from './reply.ts';

/** A mail as it becomes an event: bounded in every part. */
export interface ParsedMail {
  from: { address: string; name: string } | null;
  to: string[];
  cc: string[];
  subject: string;
  /** What the sender wrote, without the quotation at the end. */
  text: string;
  quotationCut: boolean;
  textCut: boolean;
  messageId: string;
  inReplyTo: string;
  references: string[];
  /** ISO 8601; empty where the mail has none that can be read. */
  date: string;
  attachments: { name: string; type: string; bytes: number }[];
  attachmentCount: number;
  /** How a program sent it: auto-replied, auto-generated, list, bulk; empty where a person did. */
  automatic: string;
  /** A report that an earlier mail did not arrive. */
  bounce: { recipient: string; status: string; reason: string } | null;
  /** BCP 47; empty where it is not known. */
  language: string;
  /** Of what its sender made of it: the same whenever it is delivered again. */
  fingerprint: string;
}

const NAMES = ['message-id', 'from', 'date', 'subject'];
const NESTING = 30;
/** Of all parts together. */
const HEADERS_BYTES = 1024 * 1024;
const TEXT_CHARACTERS = 32_000;
/** What of a text is looked at; the rest of a longer one is beyond what is kept. */
const TEXT_READ = 400_000;
const LINE_CHARACTERS = 1000;
const ADDRESSES = 50;
const REFERENCES = 50;
const ATTACHMENTS = 50;
const LANGUAGE_CHARACTERS = 40;

/** Reads a mail. Throws an Error with a reason where it cannot be read within the bounds. */
export async function parseMail(raw: Uint8Array): Promise<ParsedMail> {
  const email = await PostalMime.parse(raw, {
    forceRfc822Attachments: true,
    maxNestingDepth: NESTING,
    maxHeadersSize: HEADERS_BYTES,
  });
  const header = (name: string) => email.headers.find((one) => one.key === name)?.value.trim() ?? '';
  const from = mailboxes(email.from ? [email.from] : [])[0] ?? null;
  const written = (email.text?.trim() ? email.text : textOfHtml(email.html ?? '')).slice(0, TEXT_READ);
  const reply = withoutQuotation(written);
  const text = cut(reply.text, TEXT_CHARACTERS);
  const attachments = email.attachments.filter((one) => !isReportPart(one));
  return {
    from: from && { address: from.address.slice(0, 512), name: line(from.name) },
    to: mailboxes(email.to ?? [])
      .map((one) => line(one.address))
      .slice(0, ADDRESSES),
    cc: mailboxes(email.cc ?? [])
      .map((one) => line(one.address))
      .slice(0, ADDRESSES),
    subject: line(email.subject ?? ''),
    text,
    quotationCut: reply.cut,
    textCut: text.length < reply.text.length,
    messageId: line(email.messageId ?? ''),
    inReplyTo: line(email.inReplyTo ?? ''),
    references: (email.references ?? '')
      .split(/\s+/, REFERENCES + 1)
      .filter(Boolean)
      .map(line)
      .slice(0, REFERENCES),
    date: Number.isNaN(Date.parse(email.date ?? '')) ? '' : new Date(email.date!).toISOString(),
    attachments: attachments.slice(0, ATTACHMENTS).map((one) => ({
      name: line(one.filename ?? ''),
      type: line(one.mimeType),
      bytes: bytesOf(one),
    })),
    attachmentCount: attachments.length,
    automatic: automaticOf(header),
    bounce: bounceOf(email, header),
    language: languageOf(header('content-language'), text),
    fingerprint: hash('sha256', JSON.stringify([...NAMES.map(header), written]), 'base64url'),
  };
}

const cut = (text: string, most: number) => text.slice(0, most).toWellFormed();
const line = (text: string) => cut(text.replaceAll(/[\0\r\n]+/g, ' ').trim(), LINE_CHARACTERS);

function mailboxes(addresses: readonly Address[]): { address: string; name: string }[] {
  return addresses
    .flatMap((one) => one.group ?? [one])
    .flatMap((one) => (one.address ? [{ address: one.address, name: one.name ?? '' }] : []));
}

const bytesOf = ({ content }: Attachment) =>
  typeof content === 'string' ? Buffer.byteLength(content) : content.byteLength;

const isReportPart = (one: Attachment) =>
  /^(message\/(delivery-status|feedback-report)|text\/rfc822-headers)$/i.test(one.mimeType);

/** RFC 3834's header, and what programs wrote before it. */
function automaticOf(header: (name: string) => string): string {
  const told = header('auto-submitted').toLowerCase().split(/[;\s]/, 1)[0] ?? '';
  if (told !== '' && told !== 'no') return line(told);
  if (header('x-autoreply') !== '' || header('x-autorespond') !== '') return 'auto-replied';
  if (header('list-id') !== '' || header('list-unsubscribe') !== '') return 'list';
  const precedence = header('precedence').toLowerCase();
  if (precedence === 'auto_reply') return 'auto-replied';
  return ['bulk', 'list', 'junk'].includes(precedence) ? precedence : '';
}

/** What a delivery report (RFC 3464) says of the first recipient that it failed for. */
function bounceOf(email: Email, header: (name: string) => string): ParsedMail['bounce'] {
  if (!/^multipart\/report/i.test(header('content-type'))) return null;
  const part = email.attachments.find((one) => /^message\/delivery-status$/i.test(one.mimeType));
  if (!part) return null;
  const report = (typeof part.content === 'string' ? part.content : Buffer.from(part.content as ArrayBuffer).toString())
    .slice(0, 64_000)
    .replaceAll(/\r?\n[ \t]+/g, ' ');
  for (const block of report.split(/\r?\n\r?\n/)) {
    const field = (name: string) => new RegExp(`^${name}:(.*)$`, 'im').exec(block)?.[1]?.trim() ?? '';
    const recipient =
      field('Final-Recipient')
        .replace(/^[^;]*;/, '')
        .trim() ||
      field('Original-Recipient')
        .replace(/^[^;]*;/, '')
        .trim();
    if (recipient === '' || field('Action').toLowerCase() === 'delivered') continue;
    const reason = field('Diagnostic-Code')
      .replace(/^[^;]*;/, '')
      .trim();
    return { recipient: line(recipient.replaceAll(/[<>]/g, '')), status: line(field('Status')), reason: line(reason) };
  }
  return null;
}

/** What the mail says of itself, else what its words look like; nothing for a text of a few words. */
function languageOf(told: string, text: string): string {
  const codes = [told.split(/[,;\s]/, 1)[0] ?? '', text.length < LANGUAGE_CHARACTERS ? '' : franc(text.slice(0, 5000))];
  for (const code of codes) {
    if (code === '' || code === 'und') continue;
    try {
      return Intl.getCanonicalLocales(code)[0] ?? '';
    } catch {
      // Not a tag of a language.
    }
  }
  return '';
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** The words of an HTML mail, for one that has no text beside it; a scan that never goes back. */
function textOfHtml(html: string): string {
  let text = '';
  let at = 0;
  const source = html.slice(0, TEXT_READ);
  const lower = source.toLowerCase();
  while (at < source.length) {
    const open = source.indexOf('<', at);
    text += source.slice(at, open < 0 ? undefined : open).replaceAll(/\s+/g, ' ');
    if (open < 0) break;
    const close = source.indexOf('>', open);
    if (close < 0) break;
    const name = /^<\/?([a-z0-9]+)/i.exec(source.slice(open, open + 20))?.[1]?.toLowerCase() ?? '';
    at = close + 1;
    if (source[open + 1] !== '/' && (name === 'style' || name === 'script' || name === 'head')) {
      const end = lower.indexOf(`</${name}`, at);
      if (end < 0) break;
      at = end;
    } else if (source.startsWith('<!--', open)) {
      const end = source.indexOf('-->', open);
      if (end < 0) break;
      at = end + 3;
    } else if (name === 'blockquote' && source[open + 1] !== '/') text += '\n\n> ';
    else if (/^(br|p|div|tr|li|h[1-6]|table|blockquote)$/.test(name)) text += '\n';
  }
  return text
    .replaceAll(/&(#x?[0-9a-f]{1,6}|[a-z]{2,6});/gi, (whole, name: string) => {
      if (!name.startsWith('#')) return ENTITIES[name.toLowerCase()] ?? whole;
      const code = Number.parseInt(
        name.slice(name[1]?.toLowerCase() === 'x' ? 2 : 1),
        name[1]?.toLowerCase() === 'x' ? 16 : 10,
      );
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '';
    })
    .replaceAll(/\n[ \t]+/g, '\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}
