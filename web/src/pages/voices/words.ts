import { formatNumber, locale, withoutOverrides } from '../../format.ts';
import type { Translate } from '../../text.tsx';
import type { VoiceReply } from './api.ts';

export function languageName(code: string, t: Translate): string {
  if (code === '' || code === 'und') return t('voices.unknownLanguage');
  try {
    return new Intl.DisplayNames(locale(), { type: 'language' }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** Where it was said, by the name of its event. */
export function ofName(name: string, t: Translate): string {
  if (name === 'Question Answered') return t('voices.places.survey');
  if (name === 'Feedback Given') return t('voices.places.feedback');
  if (name === 'Review Posted') return t('voices.places.review');
  if (name === 'Mention Published') return t('voices.places.mention');
  return withoutOverrides(name);
}

export function scoreWords({ score, scale, scoreKind }: VoiceReply): string {
  if (score === null) return '';
  const kind = scoreKind && scoreKind !== 'rating' ? `${scoreKind.toUpperCase()} ` : '';
  return `${kind}${formatNumber(score)}/${formatNumber(scale ?? 0)}`;
}
