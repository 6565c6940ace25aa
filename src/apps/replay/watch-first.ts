/** What a visitor met that says something went wrong for them: told by the SDK, or found in the recording itself. */
export const SIGNALS = ['errors', 'rages', 'abandoned', 'deads', 'uturns', 'slow'] as const;
export type Signal = (typeof SIGNALS)[number];
export type Signals = Record<Signal, number>;

/** The events that tell of each. */
export const SIGNAL_EVENTS: Readonly<Record<Signal, string>> = {
  errors: 'Error Occurred',
  rages: 'Rage Clicked',
  abandoned: 'Form Abandoned',
  deads: 'Dead Clicked',
  uturns: 'U-Turned',
  slow: 'Slow Page',
};

/**
 * How much one of each says about what to watch first. An error is the site's fault for certain; clicks in anger say that
 * somebody minds; a form given up is lost business; a click without effect and a way back are often innocent; a slow page
 * is known from elsewhere too.
 */
export const WEIGHTS: Readonly<Signals> = { errors: 5, rages: 4, abandoned: 3, deads: 2, uturns: 2, slow: 1 };
/** More of the same says no more: a broken page makes hundreds of errors. */
export const COUNTED = 3;

/** From 0 to 51. */
export const scoreOf = (signals: Signals): number =>
  SIGNALS.reduce((score, signal) => score + WEIGHTS[signal] * Math.min(COUNTED, signals[signal]), 0);

export const noSignals = (): Signals => ({ errors: 0, rages: 0, abandoned: 0, deads: 0, uturns: 0, slow: 0 });

/** What was met before and what came now. */
export const sumOf = (before: Signals | null, now: Signals): Signals =>
  Object.fromEntries(SIGNALS.map((one) => [one, (before?.[one] ?? 0) + now[one]])) as Signals;
