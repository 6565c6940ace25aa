import { calls, type ListedRecording } from './calls.ts';

/** The newest of a person's recordings, which the panel, the line and the player share. */
export const recordingsOfPerson = (personId: string) => ({
  queryKey: ['recordings', 'person', personId],
  queryFn: () => calls.list({ person: personId, sort: 'newest', limit: 200 }),
  staleTime: 30_000,
});

/** Where the moment of an event is shown; null where no recording has it. */
export function watchAddress(recordings: readonly ListedRecording[], at: string): string | null {
  const time = Date.parse(at);
  const found = recordings.find(
    ({ startedAt, endedAt, playable }) =>
      playable && Date.parse(startedAt) - 1000 <= time && time <= Date.parse(endedAt) + 1000,
  );
  if (!found) return null;
  // A little before, so that one sees how it came to it.
  const seconds = Math.max(0, (time - Date.parse(found.startedAt)) / 1000 - 2);
  return `/replay/${found.id}?t=${seconds.toFixed(1)}`;
}
