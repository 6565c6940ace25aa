/** Colours that the tokens have for series; more begin again. */
const COLOURS = 8;

/** The colour of a series in the pictures, by its place. */
export const seriesColour = (slot: number): string => `var(--series-${(slot % COLOURS) + 1})`;
