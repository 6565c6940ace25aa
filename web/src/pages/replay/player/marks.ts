/** What happened at a moment of a recording, as the timeline and the list beside it show it. */
export interface Mark {
  id: string;
  /** Milliseconds since 1970 by the visitor's clock. */
  at: number;
  kind: MarkKind;
  words: string;
  /** More of it, in the list only. */
  detail?: string;
  /** What an error that was told as an event says, where that is known. */
  message?: string;
}

const MARK_KINDS = ['page', 'click', 'error', 'rage', 'dead', 'uturn', 'slow', 'form', 'note', 'event', 'gap'] as const;
export type MarkKind = (typeof MARK_KINDS)[number];

/** “1:05”, “1:02:05”: a place in the recording. */
export function clock(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** At most one mark of a kind at a place that the eye tells from the next: `places` of them fit. */
export function thinned(marks: readonly Mark[], from: number, to: number, places = 500): Mark[] {
  const seen = new Set<string>();
  return marks.filter(({ at, kind }) => {
    if (at < from || at > to) return false;
    const key = `${kind} ${Math.round(((at - from) / Math.max(1, to - from)) * places)}`;
    return seen.size < seen.add(key).size;
  });
}
