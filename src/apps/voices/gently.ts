/** How long other work may have to wait for a step of a longer computation. */
const STEP_MS = 8;

/** Works on each in order, and lets requests through in between: understanding a few hundred long texts takes a while. */
export async function gently<T, R>(items: readonly T[], work: (item: T, at: number) => R): Promise<R[]> {
  const results: R[] = [];
  let since = performance.now();
  for (let at = 0; at < items.length; at++) {
    results.push(work(items[at]!, at));
    if (performance.now() - since < STEP_MS) continue;
    await new Promise((resolve) => setImmediate(resolve));
    since = performance.now();
  }
  return results;
}
