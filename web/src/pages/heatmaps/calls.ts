import type { PagePicture } from '../../../../src/apps/replay/page-picture.ts';
import type { FormsResult } from '../../../../src/core/query/heatmaps/forms-result.ts';
import type { HeatmapResult } from '../../../../src/core/query/heatmaps/heatmap.ts';
import type { FormsPart, FormsReport, HeatmapPart, HeatmapReport } from '../../../../src/core/query/heatmaps/schema.ts';
import { ask, withQuery } from '../../api.ts';
import { reports } from '../reports/calls.ts';

export type { FormsPart, FormsReport, FormsResult, HeatmapPart, HeatmapReport, HeatmapResult };
export type Picture = NonNullable<PagePicture['picture']>;

export const calls = {
  picture: (page: string, device: string, signal?: AbortSignal) =>
    ask<PagePicture>('GET', withQuery('/api/replay/page-picture', { page, device }), undefined, signal),
  /** Pages by how many events tell of them, those with most first. */
  pages: (signal?: AbortSignal) => reports.values({ of: 'event', name: 'path' }, ['Page Interacted'], '', signal),
};
