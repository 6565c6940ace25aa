/**
 * The calendar's intervals by looking at one day after the other: plain and slow, to check the quick way against.
 * `from` and `to` are calendar days, both included.
 */
export function intervalsOf(
  interval: 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year',
  { from, to }: { from: string; to: string },
  zone: string,
  weekStart: 'monday' | 'sunday' = 'monday',
): { from: number; to: number }[] {
  const begins = (day: Temporal.PlainDate): boolean =>
    ({
      hour: true,
      day: true,
      week: day.dayOfWeek === (weekStart === 'monday' ? 1 : 7),
      month: day.day === 1,
      quarter: day.day === 1 && day.month % 3 === 1,
      year: day.dayOfYear === 1,
    })[interval];
  const at = (day: Temporal.PlainDate) => day.toZonedDateTime(zone).epochMilliseconds;
  let first = Temporal.PlainDate.from(from);
  while (!begins(first)) first = first.subtract({ days: 1 });
  let after = Temporal.PlainDate.from(to).add({ days: 1 });
  while (!begins(after)) after = after.add({ days: 1 });
  const starts: number[] = [];
  for (let day = first; Temporal.PlainDate.compare(day, after) < 0; day = day.add({ days: 1 })) {
    if (!begins(day)) continue;
    if (interval !== 'hour') starts.push(at(day));
    else for (let hour = at(day); hour < at(day.add({ days: 1 })); hour += 3_600_000) starts.push(hour);
  }
  return starts.map((start, index) => ({ from: start, to: starts[index + 1] ?? at(after) }));
}

/** The moments of calendar days, from the first to the end of the last. */
export function momentsOf({ from, to }: { from: string; to: string }, zone: string): { from: number; to: number } {
  const at = (day: Temporal.PlainDate) => day.toZonedDateTime(zone).epochMilliseconds;
  return { from: at(Temporal.PlainDate.from(from)), to: at(Temporal.PlainDate.from(to).add({ days: 1 })) };
}
