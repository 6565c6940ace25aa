// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
const CONTROLS = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * Words of somebody else for the server's output: what moves the cursor, clears a terminal or turns the writing is taken
 * out, and what goes on after a line's end is set in, so that nobody writes a line that looks like one of ours.
 */
export const outputText = (text: string): string => text.replaceAll(CONTROLS, '\ufffd').replaceAll('\n', '\n    ');

const ID = /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64})$/i;

/** A path for the server's output: what may be the key of a link (`/s/…`, `/case/…`, `/api/replay/shared/…`) is cut. */
export const outputPath = (path: string): string =>
  outputText(path)
    .split('/')
    .map((part) => (part.length < 20 || ID.test(part) || !/[A-Z\d]/.test(part) ? part : `${part.slice(0, 4)}…`))
    .join('/');

/** A fault for the server's output. Not the error whole: what PostgreSQL adds to its errors holds values of customers. */
export const faultText = (error: unknown): string =>
  outputText(error instanceof Error ? (error.stack ?? error.message) : String(error));
