import { hasMessage, type MessageKey, type Translate } from '../../../text.tsx';
import { frictionToLink } from '../../friction/friction-url.ts';
import { heatmapAddress } from '../../heatmaps/state.ts';
import type { AnyReport } from '../calls.ts';
import { toText } from '../report-url.ts';

/** Where a report of a kind with a page of its own is looked at; `saved` is its id where it is saved. */
export function homeOf(report: AnyReport, saved: string | null): string | null {
  switch (report.kind) {
    case 'journeyMap':
      return saved ? `/journey-map?map=${saved}` : null;
    case 'friction':
      return `/friction?${new URLSearchParams({ r: frictionToLink(report) })}`;
    case 'heatmap':
    case 'forms':
      return heatmapAddress(report);
    case 'drivers': {
      const { of, period, filter, zone } = report;
      return `/scores?${new URLSearchParams({ r: toText({ of, period, filter, zone }) })}`;
    }
    default:
      return null;
  }
}

const NAMES: Partial<Record<string, MessageKey>> = {
  drivers: 'scores.drivers',
  heatmap: 'nav.heatmaps',
  forms: 'nav.heatmaps',
  friction: 'nav.friction',
  journeyMap: 'nav.journeyMap',
  web: 'nav.web',
};

/** What a kind of report is called: as the page that it is looked at on, where it has one of its own. */
export function nameOfKind(kind: string, t: Translate): string {
  const key = NAMES[kind] ?? `reports.kind.${kind}`;
  return hasMessage(key) ? t(key) : kind;
}
