/** Lines longer than this are never a heading of a quotation. */
const HEADING_CHARACTERS = 400;
/** Lines that one heading may be folded into. */
const HEADING_LINES = 4;

/** How mail programs head what they quote: a name or a date, and "wrote" at the end, in the languages of our customers. */
const WROTE =
  /(?:wrote|writes|escreveu|escribió|schrieb|schreef|skrev|kirjoitti|ha scritto|scrive|a écrit|napisał(?:a|\(a\))?|pisze|пише[тш]|написал(?:а|\(а\))?|写道|寫道)\s*[:：]\s*$/iu;
/** The first words of such a heading. */
const ON = /^\s*(?:on|am|le|el|il|op|den|em|w dniu|dnia|в|\d{1,4}[./年-])/iu;
/** Outlook's and others' lines between the answer and what it answers. */
const DIVIDER =
  /^\s*(?:-{3,}\s*(?:original message|ursprüngliche nachricht|messaggio originale|wiadomość oryginalna|oryginalna wiadomość|исходное сообщение|пересылаемое сообщение|mensaje original|message d'origine|原始邮件|原始郵件)\s*-{3,}|_{20,})\s*$/iu;
/** The first line of a quoted head, as Outlook writes it. */
const FROM = /^\s*\*?(?:from|von|de|da|od|от|发件人|寄件者)\s*[:：]\*?\s*\S/iu;
const SENT =
  /^\s*\*?(?:sent|date|gesendet|datum|envoyé|enviado|inviato|data|wysłano|отправлено|дата|发送时间|日期|to|an|a|do|кому|收件人|subject|betreff|oggetto|temat|тема|主题)\s*[:：]/iu;

/**
 * What the sender wrote, without the quotation at its end. Answers between the quoted lines stay with what they answer,
 * and where nothing is left without the quotation, all stays. Linear in the length of the text.
 */
export function withoutQuotation(text: string): { text: string; cut: boolean } {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const whole = { text: lines.join('\n').trim(), cut: false };
  const start = quotationStart(lines);
  if (start === null) return whole;
  const own = lines.slice(0, start).join('\n').trim();
  return own === '' ? whole : { text: own, cut: true };
}

/** The first line of the quotation that goes on to the end, or null. */
function quotationStart(lines: readonly string[]): number | null {
  const rests = restsOf(lines);
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    if (line.length > HEADING_CHARACTERS) continue;
    if (DIVIDER.test(line) && isHead(lines, i + 1)) return i;
    if (FROM.test(line) && isHead(lines, i)) return i;
    const end = headingEnd(lines, i);
    if (end !== null && isQuotation(rests[end + 1]!, lines.slice(i, end + 1).join(' '))) return i;
  }
  // Without a heading: quoted lines at the end alone.
  let start = lines.length;
  while (start > 0 && (isQuoted(lines[start - 1]!) || lines[start - 1]!.trim() === '')) start--;
  return lines.slice(start).some(isQuoted) ? start : null;
}

const isQuoted = (line: string) => /^\s?>/.test(line);

/** A head as Outlook writes it: From and, in the next lines, Sent or Subject. */
function isHead(lines: readonly string[], at: number): boolean {
  const next = lines.slice(at, at + 6).filter((line) => line.trim() !== '');
  return (
    next.length > 1 &&
    FROM.test(next[0]!.slice(0, HEADING_CHARACTERS)) &&
    next.slice(1).some((line) => SENT.test(line.slice(0, HEADING_CHARACTERS)))
  );
}

/** The last line of "On …, … wrote:" that begins at `at`; it may be folded. Null where none begins there. */
function headingEnd(lines: readonly string[], at: number): number | null {
  const first = lines[at]!;
  if (!ON.test(first) && !WROTE.test(first)) return null;
  let joined = '';
  for (let i = at; i < Math.min(lines.length, at + HEADING_LINES); i++) {
    const line = lines[i]!;
    if (line.trim() === '' || isQuoted(line)) return null;
    joined += `${line.trim()} `;
    if (joined.length > HEADING_CHARACTERS) return null;
    if (WROTE.test(joined)) return i;
  }
  return null;
}

/** How many lines from here to the end, or to the signature, are quoted and how many are not. */
interface Rest {
  quoted: number;
  own: number;
}

/** Counts once for all lines, from the end. */
function restsOf(lines: readonly string[]): Rest[] {
  const rests: Rest[] = Array.from({ length: lines.length + 1 });
  let rest: Rest = { quoted: 0, own: 0 };
  rests[lines.length] = rest;
  for (let i = lines.length - 1; i >= 0; i--) {
    const line = lines[i]!;
    if (isQuoted(line)) rest = { quoted: rest.quoted + 1, own: rest.own };
    else if (/^--\s*$/.test(line)) rest = { quoted: 0, own: 0 };
    else if (line.trim() !== '') rest = { quoted: rest.quoted, own: rest.own + 1 };
    rests[i] = rest;
  }
  return rests;
}

/**
 * Whether there is only quotation: a line of one's own between quoted lines is an answer to them. Some programs do not mark
 * what they quote at all: then the heading must be one that nobody types, with a year and a time or an address. Lines that
 * programs folded carry no mark either.
 */
function isQuotation({ quoted, own }: Rest, heading: string): boolean {
  if (quoted > 0) return own === 0 || quoted > own * 10;
  return own > 0 && /\d{4}/.test(heading) && /@|\d[:.]\d\d/.test(heading);
}
