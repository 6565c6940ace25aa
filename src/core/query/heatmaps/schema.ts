import { z } from 'zod';
import { shortText } from '../../../kernel/storable.ts';
import { common } from '../kind.ts';

export const MAPS = ['clicks', 'rage', 'dead', 'moves', 'scroll', 'attention'] as const;
const DEVICES = ['all', 'mobile', 'tablet', 'desktop'] as const;

/** A page by its path, or several: `*` stands for any text. */
export const PagePattern = shortText(2000).min(1);

/** Where on a page people clicked, moved, scrolled and stayed; docs/heatmaps.md says what is counted. */
export const HeatmapReport = z.strictObject({
  kind: z.literal('heatmap'),
  ...common,
  page: PagePattern,
  device: z.enum(DEVICES).default('all'),
  map: z.enum(MAPS).default('clicks'),
});
export type HeatmapReport = z.output<typeof HeatmapReport>;

const share = z.number().min(0).max(1);
const pixels = z.number().min(0).max(1e6);

/**
 * Who clicked an element (as the result names it); whose clicks or moves of the map lie in a part of the page, in shares
 * of its width and pixels of its height; who scrolled at least so many hundredths down.
 */
export const HeatmapPart = z.union([
  z.strictObject({ element: z.string().max(1000) }),
  z.strictObject({ left: share, right: share, top: pixels, bottom: pixels }),
  z.strictObject({ reached: z.number().min(0).max(100) }),
]);
export type HeatmapPart = z.output<typeof HeatmapPart>;

/** How people fill in forms: which fields take long, are corrected, and are the last before somebody leaves. */
export const FormsReport = z.strictObject({
  kind: z.literal('forms'),
  ...common,
  page: PagePattern.optional(),
  /** The form whose fields are shown; the most used one unless told. */
  form: shortText(500).optional(),
});
export type FormsReport = z.output<typeof FormsReport>;

/** Who used a form, sent it off or left it; with a field: who used that, or left there. */
export const FormsPart = z.strictObject({
  form: z.string().max(500),
  field: z.string().max(500).optional(),
  outcome: z.enum(['submitted', 'abandoned']).optional(),
});
export type FormsPart = z.output<typeof FormsPart>;
