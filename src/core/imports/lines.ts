/** Longest line, in characters. A longer one is refused; what follows it is read on. */
export const LINE_CHARACTERS = 1024 * 1024;
/** How much of a line that is too long is kept, to recognise it by. */
const KEPT_CHARACTERS = 1000;

export interface TextLine {
  /** Counted from 1. */
  number: number;
  text: string;
  tooLong: boolean;
}

/**
 * Cuts text into lines, whatever pieces it comes in and however long a line is, with the memory of one longest line.
 * Lines end with LF or CR LF; with CR alone where a CR comes and no LF with it.
 */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<TextLine[]> {
  let separator: string | undefined;
  let rest = '';
  let tooLong = false;
  let number = 0;
  for await (const next of pieces) {
    let piece = next;
    if (separator === undefined) {
      piece = rest + next;
      rest = '';
      separator = separatorOf(piece);
    }
    const batch: TextLine[] = [];
    let from = 0;
    const sign = separator ?? '\n';
    for (let end = piece.indexOf(sign); end >= 0; end = piece.indexOf(sign, from)) {
      const line = piece.slice(from, end);
      batch.push(toLine(++number, rest === '' ? line : rest + line, tooLong));
      rest = '';
      tooLong = false;
      from = end + 1;
    }
    if (!tooLong) rest += from === 0 ? piece : piece.slice(from);
    if (rest.length > LINE_CHARACTERS) {
      tooLong = true;
      rest = rest.slice(0, KEPT_CHARACTERS);
    }
    if (batch.length > 0) yield batch;
  }
  if (rest !== '') yield [toLine(++number, rest, tooLong)];
}

/** What ends the lines of a text, by its beginning; undefined where that does not tell yet. */
function separatorOf(text: string): string | undefined {
  if (text.includes('\n')) return '\n';
  const at = text.indexOf('\r');
  return at >= 0 && at < text.length - 1 ? '\r' : undefined;
}

function toLine(number: number, text: string, tooLong: boolean): TextLine {
  if (tooLong || text.length > LINE_CHARACTERS) return { number, text: text.slice(0, KEPT_CHARACTERS), tooLong: true };
  return { number, text: text.charCodeAt(text.length - 1) === 13 ? text.slice(0, -1) : text, tooLong: false };
}
