/** What stands in place of an address that is not part of the recording: nothing, for which browsers ask nobody. */
export const NOWHERE = 'data:,';

/** Functions whose strings are addresses. */
const ADDRESS_FUNCTIONS: ReadonlySet<string> = new Set([
  'url',
  'src',
  'image',
  'image-set',
  '-webkit-image-set',
  'cross-fade',
  '-webkit-cross-fade',
]);
/** A hexadecimal one takes a space after it along. */
const ESCAPE = /\\(?:([0-9a-f]{1,6})[ \t\n]?|([\s\S]))/gi;
const ESCAPE_HERE = new RegExp(ESCAPE.source, 'iy');
/** After `url(`: an address without quotation marks. */
const BARE = /[ \t\n]*(?=[^"' \t\n])/y;
const IDENT = /[-\w\u0080-\uffff]/;

/**
 * CSS in which every address is what `address` makes of it, and nothing is imported. Read as browsers read it: escapes,
 * comments, strings and addresses without quotation marks are told apart, so that none hides another.
 */
export function safeCss(css: string, address: (url: string) => string): string {
  if (!/url|import|src|image|\\|cross-fade/i.test(css)) return css;
  const text = withPlainLetters(css);
  const functions: string[] = [];
  let out = '';
  let at = 0;
  let word = '';
  while (at < text.length) {
    const char = text[at]!;
    if (char === '/' && text[at + 1] === '*') {
      const end = text.indexOf('*/', at + 2);
      const stop = end < 0 ? text.length : end + 2;
      out += text.slice(at, stop);
      at = stop;
      word = '';
    } else if (char === '"' || char === "'") {
      const stop = endOfString(text, at);
      const inside = functions.at(-1) ?? '';
      out += ADDRESS_FUNCTIONS.has(inside)
        ? quoted(address(unescaped(text.slice(at + 1, stop - 1))))
        : text.slice(at, stop);
      at = stop;
      word = '';
    } else if (char === '@' && /^@import(?![-\w\\])/i.test(text.slice(at, at + 8))) {
      at = endOfStatement(text, at);
      word = '';
    } else if (char === '(') {
      const name = word.toLowerCase();
      word = '';
      at += 1;
      BARE.lastIndex = at;
      const bare = name === 'url' && BARE.test(text);
      if (bare) {
        const stop = endOfBareAddress(text, at);
        const url = unescaped(text.slice(at, text[stop - 1] === ')' ? stop - 1 : stop).trim());
        out += `(${url === '' ? '' : quoted(address(url))})`;
        at = stop;
      } else {
        // What a variable holds is not seen here.
        const hidden = ADDRESS_FUNCTIONS.has(functions.at(-1) ?? '') && /^(var|env|attr)$/.test(name);
        functions.push(name);
        out += hidden ? `-left-out${char}` : char;
      }
    } else {
      if (char === ')') functions.pop();
      // A block ends what was left open in it.
      else if (char === '}' || char === '{') functions.length = 0;
      if (char === '\\') {
        ESCAPE_HERE.lastIndex = at;
        const code = ESCAPE_HERE.exec(text)?.[0] ?? char;
        out += code;
        word += unescaped(code);
        at += code.length;
        continue;
      }
      word = IDENT.test(char) ? word + char : '';
      out += char;
      at += 1;
    }
  }
  return out;
}

/** Escapes that stand for an ASCII letter become that letter, which means the same: `\75 rl(` is `url(`. */
function withPlainLetters(css: string): string {
  const text = css.replace(/\r\n?|\f/g, '\n').replaceAll('\0', '\ufffd');
  if (!text.includes('\\')) return text;
  return text.replace(ESCAPE, (whole, hex, char) => {
    const letter = hex === undefined ? char : codePoint(hex);
    return /^[a-z]$/i.test(letter) ? letter : whole;
  });
}

function codePoint(hex: string): string {
  const code = Number.parseInt(hex, 16);
  return code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? '\ufffd' : String.fromCodePoint(code);
}

function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(ESCAPE, (_, hex, char) => (hex === undefined ? (char === '\n' ? '' : char) : codePoint(hex)));
}

const quoted = (url: string) =>
  `"${url.replace(/["\\\n\r\f<>\0]/g, (char) => `\\${char.charCodeAt(0).toString(16)} `)}"`;

/** Where a string ends, after its closing mark; a line's end ends a string that is not closed. */
function endOfString(text: string, from: number): number {
  const mark = text[from];
  for (let at = from + 1; at < text.length; at += 1) {
    const char = text[at];
    if (char === '\\') at += 1;
    else if (char === mark || char === '\n') return at + 1;
  }
  return text.length;
}

function endOfBareAddress(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === ')') return at + 1;
  }
  return text.length;
}

function endOfStatement(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const char = text[at];
    if (char === '\\') at += 1;
    else if (char === '"' || char === "'") at = endOfString(text, at) - 1;
    else if (char === '(') at = endOfParenthesis(text, at) - 1;
    else if (char === ';') return at + 1;
    else if (char === '{' || char === '}') return at;
  }
  return text.length;
}

function endOfParenthesis(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    const char = text[at];
    if (char === '\\') at += 1;
    else if (char === '"' || char === "'") at = endOfString(text, at) - 1;
    else if (char === ')') return at + 1;
  }
  return text.length;
}
