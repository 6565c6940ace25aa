import { formatList, formatLocaleName, formatNumber } from '../../format.ts';
import type { Translate } from '../../text.tsx';
import type { CaseRule } from './api.ts';

export const KINDS = ['nps', 'csat', 'ces', 'rating'] as const;

type Conditions = CaseRule['conditions'];
/** Names by ids. */
interface Names {
  topics: ReadonlyMap<number, string>;
  surveys: ReadonlyMap<string, string>;
}

/** All conditions of a rule, in words. */
export function ruleWords({ conditions: is, dueHours, opened }: CaseRule, names: Names, t: Translate): string {
  const parts = [
    ...(is.scoreAtMost === undefined
      ? []
      : [
          t('cases.scoreWords', {
            kinds: formatList((is.scoreKinds.length > 0 ? is.scoreKinds : KINDS).map((kind) => kind.toUpperCase())),
            score: formatNumber(is.scoreAtMost),
          }),
        ]),
    ...(is.moods.length > 0 ? [formatList(is.moods.map((mood) => t(`cases.mood.${mood}`)))] : []),
    ...(is.topics.length > 0 ? [formatList(is.topics.map((id) => names.topics.get(id) ?? `${id}`))] : []),
    ...(is.words.length > 0 ? [`“${is.words.join('”, “')}”`] : []),
    ...apiWords(is, names.surveys, t),
    ...(is.trait ? [`${is.trait.name} ≥ ${formatNumber(is.trait.atLeast)}`] : []),
    t('cases.within', { count: dueHours }),
    t('cases.openedByRule', { count: opened }),
  ];
  return parts.join(' · ');
}

/** The conditions that only the API sets: the event, survey and language that something was said by. */
export function apiWords(is: Conditions, surveys: Names['surveys'], t: Translate): string[] {
  const either = (names: string[]) => formatList(names, 'disjunction');
  return [
    ...(is.of.length > 0 ? [t('cases.eventWords', { names: either(is.of) })] : []),
    ...(is.surveys.length > 0
      ? [t('cases.surveyWords', { names: either(is.surveys.map((id) => surveys.get(id) ?? id)) })]
      : []),
    ...(is.languages.length > 0
      ? [t('cases.languageWords', { names: either(is.languages.map(formatLocaleName)) })]
      : []),
  ];
}
