import type { Mark } from './marks.ts';

/** The recorder writes an uncaught error as a line of the console at the moment at which the SDK tells of it. */
const SAME_MOMENT_MS = 250;
/** An event comes by the stream's clock, which may be so far from the visitor's where the words are the same. */
const SAME_WORDS_MS = 2000;
/** Characters of an error's words that are compared: lines are cut. */
const COMPARED = 100;

/**
 * Of the errors that were told as events, those that no line of the console stands for: each uncaught one is told as both, and
 * shown once, by the line, which says where it was too. A line stands for one error; equal words come before nearness.
 */
export function errorsOnce(lines: readonly Mark[], told: readonly Mark[]): Mark[] {
  const free = new Set(lines.toSorted((a, b) => a.at - b.at));
  const left = told
    .toSorted((a, b) => a.at - b.at)
    .filter((error) => {
      const line = lineOf(error, free);
      return !line || !free.delete(line);
    });
  const near = [...free];
  let next = 0;
  return left.filter(({ at }) => {
    while (next < near.length && near[next]!.at < at - SAME_MOMENT_MS) next++;
    if (next === near.length || near[next]!.at > at + SAME_MOMENT_MS) return true;
    next++;
    return false;
  });
}

/** The line that has the error's words, where its words are known. */
function lineOf({ at, message }: Mark, lines: Iterable<Mark>): Mark | null {
  if (!message) return null;
  const words = message.slice(0, COMPARED);
  for (const line of lines) if (Math.abs(line.at - at) <= SAME_WORDS_MS && line.detail?.includes(words)) return line;
  return null;
}
