import { formatNumber } from '../../format.ts';
import type { Translate } from '../../text.tsx';
import type { CaseSummary } from './api.ts';

/** What the customer said: in words, or the score alone. */
export function saidText({ text, score, scale, scoreKind }: CaseSummary, t: Translate): string {
  const given =
    score === null
      ? ''
      : t('cases.score', {
          kind: (scoreKind ?? '').toUpperCase(),
          score: formatNumber(score),
          scale: formatNumber(scale ?? 0),
        });
  return [given, text].filter(Boolean).join(' · ') || '–';
}
