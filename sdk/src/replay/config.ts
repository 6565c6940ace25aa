/** What the company set for recordings, as GET /v1/sdk/config gives it under `replay` (src/apps/replay/sdk-config.ts). */
export interface ReplayConfig {
  /** The visitor is in the share that is recorded, or in an audience that is. */
  always: boolean;
  /** Visits in which one of these happens are recorded as well, from up to a minute before it; pages are patterns. */
  triggers: { events: readonly string[]; errors: boolean; pages: readonly string[] };
  /** Patterns: only on these pages, where there are any, and on none of those. */
  pages: { only: readonly string[]; never: readonly string[] };
  /** A recording is sent once the visit took so long. */
  minimumSeconds: number;
  /** All text is masked, not only what is marked and what visitors write. */
  maskText: boolean;
  /** CSS selectors of what is masked and left out besides what the page marks itself; or nothing. */
  maskSelector: string;
  blockSelector: string;
  /** Lines of the page's console, without what is masked. */
  console: boolean;
  /** Method, address without query, status, time and size of the page's own calls; never their content. */
  network: boolean;
}
