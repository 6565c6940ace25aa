/** The parts of a URL that the stream looks at. */
export interface Address {
  /** Lower case, without port and without "www."; '' where there is none. */
  host: string;
  /** Begins with a slash; '' for a URL without a host. */
  path: string;
  /** What follows the question mark, without it, not decoded. */
  query: string;
}

const NO_ADDRESS: Address = { host: '', path: '', query: '' };

/**
 * Takes a URL apart: a tenth of the time of `new URL`, and nothing that a sender writes makes it throw. What does not
 * look like scheme://host answers with empty parts.
 */
export function addressOf(url: string): Address {
  const scheme = url.indexOf('://');
  if (scheme < 1 || scheme > 30) return NO_ADDRESS;
  const start = scheme + 3;
  let end = url.length;
  const hash = url.indexOf('#', start);
  if (hash >= 0) end = hash;
  const mark = url.indexOf('?', start);
  const question = mark >= 0 && mark < end ? mark : end;
  const slash = url.indexOf('/', start);
  const hostEnd = slash >= 0 && slash < question ? slash : question;
  const host = hostOf(url, start, hostEnd);
  if (host === '') return NO_ADDRESS;
  return {
    host,
    path: hostEnd < question ? url.slice(hostEnd, question) : '/',
    query: question < end ? url.slice(question + 1, end) : '',
  };
}

function hostOf(url: string, start: number, end: number): string {
  let host = url.slice(start, end);
  const at = host.lastIndexOf('@');
  if (at >= 0) host = host.slice(at + 1);
  const colon = host.lastIndexOf(':');
  if (colon >= 0 && !host.endsWith(']')) host = host.slice(0, colon);
  host = host.toLowerCase();
  if (host.endsWith('.')) host = host.slice(0, -1);
  return host.startsWith('www.') ? host.slice(4) : host;
}

/** The named parameters of a query string that are in it, decoded; the first of several with one name counts. */
export function queryParameters(query: string, wanted: ReadonlySet<string>): Map<string, string> {
  const found = new Map<string, string>();
  let start = 0;
  while (start < query.length) {
    let end = query.indexOf('&', start);
    if (end < 0) end = query.length;
    const equals = query.indexOf('=', start);
    if (equals > start && equals < end) {
      const name = query.slice(start, equals).toLowerCase();
      if (wanted.has(name) && !found.has(name)) found.set(name, decode(query.slice(equals + 1, end)));
    }
    start = end + 1;
  }
  return found;
}

function decode(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
