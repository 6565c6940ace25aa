/** The time of the last UUID, in milliseconds since 1970: never twice the same, so that events keep their order. */
export let last = 0;

/** A UUID of version 7: it begins with the time, so that messages sort in the order in which they were made. */
export function uuid(): string {
  last = Math.max(Date.now(), last + 1);
  const time = `0${last.toString(16)}`;
  let at = 0;
  return 'xxxxxxxx-xxxx-7xxx-8xxx-xxxxxxxxxxxx'.replace(
    /x/g,
    () => time[at++] || ((16 * Math.random()) | 0).toString(16),
  );
}
