import { useQuery } from '@tanstack/react-query';
import { formatDate, formatList, formatLocaleName, formatNumber } from '../../format.ts';
import { useMay } from '../../session.tsx';
import { type Translate, useText } from '../../text.tsx';
import { audiences } from '../audiences/calls.ts';
import type { Definition, Popover } from './draft.ts';
import styles from './surveys.module.css';

/** Names of audiences by their IDs; the ID where it may not be seen or is gone. */
export function useAudienceNames(): { names: Map<number, string>; nameOf: (id: number) => string } {
  const may = useMay('audiences.read');
  const list = useQuery({
    queryKey: ['audiences', 'list', 'choose'],
    queryFn: () => audiences.list({}),
    enabled: may,
    staleTime: 60_000,
  });
  const names = new Map((list.data?.items ?? []).map((one) => [one.id, one.name]));
  return { names, nameOf: (id) => names.get(id) ?? `#${id}` };
}

/** After which event, and which ones of its name. */
function eventWords({ name, where }: NonNullable<Popover['event']>, t: Translate): string {
  if (where.length === 0) return t('surveyEdit.said.event', { event: name });
  const conditions = where.map(({ property, oneOf }) =>
    t('surveyEdit.said.where', { property, values: formatList(oneOf, 'disjunction') }),
  );
  return t('surveyEdit.said.eventWhere', { event: name, conditions: formatList(conditions) });
}

/** To whom and when a survey is shown in pages, as one sentence; nothing where it is not. */
function popoverWords(definition: Definition, t: Translate, audienceName: (id: number) => string): string {
  const { popover, repeat } = definition;
  if (!popover) return '';
  const share = formatNumber(popover.share / 100, { style: 'percent', maximumFractionDigits: 2 });
  const page = (one: (typeof popover.pages)[number]) =>
    one.match === 'is' || one.match === 'pattern'
      ? one.value
      : t(`surveyEdit.pageWords.${one.match}`, { value: one.value });
  const pages = popover.pages.filter((one) => !one.not).map(page);
  const never = popover.pages.filter((one) => one.not).map(page);
  const clauses = [
    t('surveyEdit.said.lead', { share }),
    pages.length ? t('surveyEdit.said.pages', { pages: formatList(pages) }) : '',
    never.length ? t('surveyEdit.said.notPages', { pages: formatList(never) }) : '',
    popover.devices.length
      ? t('surveyEdit.said.devices', {
          devices: formatList(popover.devices.map((one) => t(`surveyEdit.device.${one}`))),
        })
      : '',
    popover.languages.length
      ? t('surveyEdit.said.languages', { languages: formatList(popover.languages.map(formatLocaleName)) })
      : '',
    popover.audiences.length
      ? t('surveyEdit.said.audiences', { audiences: formatList(popover.audiences.map(audienceName)) })
      : '',
    popover.notAudiences.length
      ? t('surveyEdit.said.notAudiences', { audiences: formatList(popover.notAudiences.map(audienceName)) })
      : '',
    popover.event ? eventWords(popover.event, t) : '',
    popover.delaySeconds > 0 ? t('surveyEdit.said.delay', { count: popover.delaySeconds }) : '',
    popover.scrollPercent
      ? t('surveyEdit.said.scroll', { share: formatNumber(popover.scrollPercent / 100, { style: 'percent' }) })
      : '',
    popover.exitIntent ? t('surveyEdit.said.exit') : '',
    repeat.kind === 'once'
      ? t('surveyEdit.said.once')
      : repeat.kind === 'every'
        ? t('surveyEdit.said.every', { count: repeat.days })
        : t('surveyEdit.said.untilAnswered', { count: repeat.days, times: repeat.times }),
  ].filter(Boolean);
  return t('surveyEdit.sentence', { words: clauses.join(', ') });
}

/** Who is asked, where and how often, in sentences. */
export function AskingSummary({ definition }: { definition: Definition }) {
  const t = useText();
  const { nameOf } = useAudienceNames();
  const date = (at: string) => formatDate(at, { dateStyle: 'medium', timeStyle: 'short' });
  const lines = [
    popoverWords(definition, t, nameOf) || t('surveyEdit.noPopover'),
    definition.openLink ? t('surveyEdit.anybodyByLink') : t('surveyEdit.onlyOwnLinks'),
    definition.from ? t('surveyEdit.saidFrom', { date: date(definition.from) }) : '',
    definition.to ? t('surveyEdit.saidTo', { date: date(definition.to) }) : '',
    definition.maxResponses ? t('surveyEdit.saidMost', { count: definition.maxResponses }) : '',
    definition.anonymous ? t('surveyEdit.saidAnonymous', { count: definition.groupSize }) : '',
  ].filter(Boolean);
  return (
    <div className={styles.summary} data-summary>
      {lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
    </div>
  );
}
