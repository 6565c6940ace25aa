import {
  IconDoorExit,
  IconGauge,
  IconHeartHandshake,
  IconMessageCircleQuestion,
  IconPencilPlus,
  IconRoad,
  IconTargetArrow,
  IconUsersGroup,
  type TablerIcon,
} from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from 'react-router';
import { Page, Stack } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { currentLanguage, useText } from '../../text.tsx';
import { surveys, type TemplateKey } from './calls.ts';
import styles from './surveys.module.css';

const TEMPLATES: Record<TemplateKey, TablerIcon> = {
  nps: IconGauge,
  csat: IconHeartHandshake,
  ces: IconRoad,
  product: IconMessageCircleQuestion,
  churn: IconDoorExit,
  fit: IconTargetArrow,
  enps: IconUsersGroup,
};
const KEYS = Object.keys(TEMPLATES) as TemplateKey[];

/** What a survey begins with: a template by what one wants to know, or nothing. */
export function NewSurveyPage() {
  const t = useText();
  const go = useNavigate();
  const queries = useQueryClient();
  const make = useMutation({
    mutationFn: (template: TemplateKey | null): Promise<{ id: string }> =>
      template
        ? surveys.fromTemplate({ template, name: t(`surveys.template.${template}.name`), language: currentLanguage() })
        : surveys.create({
            definition: {
              name: t('surveys.untitled'),
              languages: [currentLanguage()],
              defaultLanguage: currentLanguage(),
            },
          }),
    onSuccess: (made) => {
      queries.invalidateQueries({ queryKey: ['surveys', 'list'] });
      go(`/surveys/${made.id}`, { replace: true });
    },
  });
  return (
    <Page
      title={t('surveys.newTitle')}
      purpose={t('surveys.newPurpose')}
      back={{ to: '/surveys', label: t('nav.surveys') }}
    >
      <Stack gap={16}>
        {make.error ? <Refusal title={t('surveys.createFailed')} error={make.error} /> : null}
        <ul className={styles.templates}>
          <li>
            <button
              type="button"
              className={styles.template}
              data-blank
              disabled={make.isPending}
              onClick={() => make.mutate(null)}
            >
              <span className={styles.templateIcon}>
                <IconPencilPlus size={20} stroke={1.7} aria-hidden />
              </span>
              <strong>{t('surveys.blank')}</strong>
              <span>{t('surveys.blankText')}</span>
            </button>
          </li>
          {KEYS.map((key) => {
            const Icon = TEMPLATES[key];
            return (
              <li key={key}>
                <button
                  type="button"
                  className={styles.template}
                  disabled={make.isPending}
                  onClick={() => make.mutate(key)}
                >
                  <span className={styles.templateIcon}>
                    <Icon size={20} stroke={1.7} aria-hidden />
                  </span>
                  <strong>{t(`surveys.template.${key}.name`)}</strong>
                  <span>{t(`surveys.template.${key}.text`)}</span>
                </button>
              </li>
            );
          })}
        </ul>
      </Stack>
    </Page>
  );
}
