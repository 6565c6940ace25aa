import { calls, type ListedRecording } from './calls.ts';

/** The newest of a person's recordings, which the panel, the line and the player share. */
export const recordingsOfPerson = (personId: string) => ({
  queryKey: ['recordings', 'person', personId],
  queryFn: () => calls.list({ person: personId, sort: 'newest', limit: 200 }),
  staleTime: 30_000,
});

/**
 * Where the moment of an event is shown; null where no recording has it. Of a `session` (its start) that is asked for as a
 * whole the first recording will do: where the connection is slow, it begins long after the session.
 */
export function watchAddress(
  recordings: readonly ListedRecording[],
  at: string,
  session: string | null = null,
): string | null {
  const time = Date.parse(at);
  const playable = recordings.filter((one) => one.playable);
  const found =
    playable.find(
      ({ startedAt, endedAt }) => Date.parse(startedAt) - 1000 <= time && time <= Date.parse(endedAt) + 1000,
    ) ??
    // They come with the newest first.
    playable.findLast(({ sessionStart, startedAt }) => session && sessionStart === session && startedAt > at);
  if (!found) return null;
  // A little before, so that one sees how it came to it.
  const seconds = Math.max(0, (time - Date.parse(found.startedAt)) / 1000 - 2);
  return `/replay/${found.id}?t=${seconds.toFixed(1)}`;
}
