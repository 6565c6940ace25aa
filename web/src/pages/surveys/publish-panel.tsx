import { IconAlertTriangle, IconCircleX, IconRocket } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from 'react-router';
import { Button } from '../../kit/button.tsx';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useText } from '../../text.tsx';
import { type Problem, type Survey, surveys } from './calls.ts';
import { placeOf, useProblemWords } from './problems.ts';
import { AskingSummary } from './summary.tsx';
import styles from './surveys.module.css';
import type { Draft } from './use-draft.ts';

/** What must be mended before customers see it, what one should look at, and to whom it will be shown. */
export function PublishPanel({ survey, draft, onClose }: { survey: Survey; draft: Draft; onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const errors = survey.problems.filter((one) => one.severity === 'error');
  const warnings = survey.problems.filter((one) => one.severity === 'warning');
  const publish = useMutation({
    mutationFn: async () => {
      await draft.flush();
      return surveys.publish(survey.id, draft.revision());
    },
    onSuccess: (published) => {
      queries.setQueryData(['surveys', 'one', survey.id], published);
      queries.invalidateQueries({ queryKey: ['surveys', 'list'] });
      queries.invalidateQueries({ queryKey: ['surveys', 'versions', survey.id] });
      toast(t('surveys.published', { version: published.version ?? 1 }));
      onClose();
    },
  });
  return (
    <SidePanel
      icon={<IconRocket size={20} aria-hidden />}
      title={t('surveys.publishTitle')}
      sub={t('surveys.publishSub', { version: (survey.version ?? 0) + 1 })}
      onClose={onClose}
      foot={
        <Button
          look="main"
          wide
          icon={<IconRocket size={16} />}
          busy={publish.isPending || draft.state === 'saving'}
          disabled={errors.length > 0 || draft.state === 'refused'}
          onClick={() => publish.mutate()}
        >
          {t('surveys.publish')}
        </Button>
      }
    >
      <Stack gap={18}>
        {publish.error ? <Refusal title={t('surveys.publishFailed')} error={publish.error} /> : null}
        {errors.length > 0 ? (
          <Problems title={t('surveys.errors', { count: errors.length })} of={errors} survey={survey} />
        ) : null}
        {warnings.length > 0 ? (
          <Problems title={t('surveys.warnings', { count: warnings.length })} of={warnings} survey={survey} />
        ) : null}
        {survey.problems.length === 0 ? <p className={styles.dim}>{t('surveys.noProblems')}</p> : null}
        <Stack gap={6}>
          <h3 className={styles.label}>{t('surveys.whoSees')}</h3>
          <AskingSummary definition={draft.definition} />
        </Stack>
      </Stack>
    </SidePanel>
  );
}

/** Problems shown; the rest is counted. */
const SHOWN = 40;

function Problems({ title, of, survey }: { title: string; of: readonly Problem[]; survey: Survey }) {
  const t = useText();
  const words = useProblemWords(survey.definition);
  const isMissing = (one: Problem) => one.code === 'missingTranslation';
  // Of translations the number is enough: where each is missing the languages show.
  const missing = Map.groupBy(of.filter(isMissing), (one) => one.language ?? '');
  const others = of.filter((one) => !isMissing(one));
  return (
    <section>
      <h3 className={styles.label}>{title}</h3>
      <ul className={styles.problems}>
        {[...missing].map(([language, texts]) => (
          <li key={language}>
            <IconAlertTriangle size={16} className={styles.warn} aria-hidden />
            <span>
              {words(texts[0]!)}{' '}
              <Link to={`/surveys/${survey.id}?at=translations&language=${language}`}>
                {t('surveys.texts', { count: texts.length })}
              </Link>
            </span>
          </li>
        ))}
        {others.slice(0, SHOWN).map((problem) => {
          const to = placeOf(problem, survey);
          return (
            <li key={`${problem.path.join('.')} ${problem.code} ${problem.language ?? ''}`}>
              {problem.severity === 'error' ? (
                <IconCircleX size={16} className={styles.bad} aria-hidden />
              ) : (
                <IconAlertTriangle size={16} className={styles.warn} aria-hidden />
              )}
              <span>
                {words(problem)} <Link to={to.address}>{to.words ? <bdi>{to.words}</bdi> : t('surveys.goThere')}</Link>
              </span>
            </li>
          );
        })}
      </ul>
      {others.length > SHOWN ? (
        <p className={styles.dim}>{t('surveys.moreProblems', { count: others.length - SHOWN })}</p>
      ) : null}
    </section>
  );
}
