import {
  IconArrowBackUp,
  IconArrowForwardUp,
  IconCopy,
  IconDots,
  IconHistory,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
  IconRocket,
  IconTrash,
} from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { ApiRefusal } from '../../api.ts';
import { Button, IconButton } from '../../kit/button.tsx';
import { useHotkeys } from '../../kit/hooks.ts';
import { late } from '../../kit/late.tsx';
import { Page, Row, Stack } from '../../kit/layout.tsx';
import { Menu } from '../../kit/menu.tsx';
import { Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { type Survey, surveys } from './calls.ts';
import { StateTag } from './state-tag.tsx';
import styles from './surveys.module.css';
import { type Draft, useDraft } from './use-draft.ts';

const PublishPanel = late(() => import('./publish-panel.tsx').then((part) => part.PublishPanel));
const VersionsPanel = late(() => import('./versions-panel.tsx').then((part) => part.VersionsPanel));
const DeletePanel = late(() => import('./delete-panel.tsx').then((part) => part.DeletePanel));

const PARTS = ['questions', 'asking', 'send', 'results'] as const;
export type Part = (typeof PARTS)[number];
/** Somebody else saved meanwhile: only what they made can be gone on with. */
const isConflict = (error: unknown) => error instanceof ApiRefusal && error.status === 409;
const pathOf = (id: string, part: Part) => `/surveys/${id}${part === 'questions' ? '' : `/${part}`}`;

export interface Opened {
  survey: Survey;
  draft: Draft;
  mayWrite: boolean;
}

/** What all pages of one survey share: its name and state, its parts, its draft, and what can be done with it. */
export function SurveyFrame({ part, children }: { part: Part; children: (opened: Opened) => ReactNode }) {
  const t = useText();
  const { surveyId = '' } = useParams();
  const query = useQuery({
    queryKey: ['surveys', 'one', surveyId],
    queryFn: () => surveys.one(surveyId),
    refetchOnWindowFocus: false,
  });
  const back = { to: '/surveys', label: t('nav.surveys') };
  if (query.data) {
    return (
      <Open key={surveyId} survey={query.data} part={part} back={back}>
        {children}
      </Open>
    );
  }
  return (
    <Page title={t('surveys.title')} back={back} heading={<span />}>
      <UntilLoaded query={query} failed={t('surveys.oneFailed')}>
        <Stack gap={20}>
          <Skeleton width={260} height={26} />
          <Skeleton height={420} />
        </Stack>
      </UntilLoaded>
    </Page>
  );
}

function Open({
  survey,
  part,
  back,
  children,
}: {
  survey: Survey;
  part: Part;
  back: { to: string; label: string };
  children: (opened: Opened) => ReactNode;
}) {
  const t = useText();
  const url = useUrlState();
  const go = useNavigate();
  const queries = useQueryClient();
  const mayWrite = useMay('surveys.write');
  const draft = useDraft(survey);
  const panel = url.get('panel');
  const close = () => url.set({ panel: null });
  const writes = part === 'questions' || part === 'asking';
  useHotkeys(
    writes && mayWrite
      ? [
          ['mod+Z', draft.undo],
          ['mod+shift+Z', draft.redo],
        ]
      : [],
  );
  const state = useMutation({
    mutationFn: (next: 'running' | 'paused' | 'ended') => surveys.setState(survey.id, next),
    onSuccess: (changed) => {
      queries.setQueryData(['surveys', 'one', survey.id], changed);
      queries.invalidateQueries({ queryKey: ['surveys', 'list'] });
      toast(t(`surveys.became.${changed.state}`));
    },
  });
  const copy = useMutation({
    mutationFn: async () => {
      await draft.flush();
      return surveys.copy(survey.id, t('surveys.copyOf', { name: survey.name }).slice(0, 200));
    },
    onSuccess: (made) => {
      queries.setQueryData(['surveys', 'one', made.id], made);
      queries.invalidateQueries({ queryKey: ['surveys', 'list'] });
      toast(t('surveys.copied'));
      go(`/surveys/${made.id}`);
    },
  });
  const changed = survey.changed || draft.state !== 'saved';
  const running = survey.state === 'running';
  return (
    <Page
      title={draft.definition.name || survey.name}
      back={back}
      heading={
        <Row gap={10}>
          <h1>
            <bdi>{draft.definition.name || survey.name}</bdi>
          </h1>
          <StateTag survey={survey} changed={changed} />
        </Row>
      }
      action={
        <>
          {writes && mayWrite ? (
            <>
              <span className={styles.saved} role="status" data-refused={draft.state === 'refused' || undefined}>
                {t(`surveys.draft.${draft.state}`)}
              </span>
              <IconButton label={t('surveys.undo')} onClick={draft.undo}>
                <IconArrowBackUp size={18} opacity={draft.canUndo ? 1 : 0.4} />
              </IconButton>
              <IconButton label={t('surveys.redo')} onClick={draft.redo}>
                <IconArrowForwardUp size={18} opacity={draft.canRedo ? 1 : 0.4} />
              </IconButton>
            </>
          ) : null}
          {mayWrite && (changed || survey.version === null) ? (
            <Button
              look="main"
              icon={<IconRocket size={16} />}
              onClick={() => draft.flush().then(() => url.set({ panel: 'publish' }, true))}
            >
              {t('surveys.publish')}
            </Button>
          ) : null}
          {mayWrite && survey.state === 'paused' ? (
            <Button icon={<IconPlayerPlay size={16} />} busy={state.isPending} onClick={() => state.mutate('running')}>
              {t('surveys.resume')}
            </Button>
          ) : null}
          <Menu
            below="end"
            target={
              <IconButton label={t('surveys.more')}>
                <IconDots size={18} />
              </IconButton>
            }
            groups={[
              {
                key: 'look',
                items: [
                  {
                    label: t('surveys.versions'),
                    icon: <IconHistory size={16} />,
                    onClick: () => url.set({ panel: 'versions' }, true),
                  },
                  ...(mayWrite
                    ? [{ label: t('surveys.copy'), icon: <IconCopy size={16} />, onClick: () => copy.mutate() }]
                    : []),
                ],
              },
              {
                key: 'state',
                items: mayWrite
                  ? [
                      ...(running
                        ? [
                            {
                              label: t('surveys.pause'),
                              icon: <IconPlayerPause size={16} />,
                              onClick: () => state.mutate('paused'),
                            },
                          ]
                        : []),
                      ...(running || survey.state === 'paused'
                        ? [
                            {
                              label: t('surveys.end'),
                              icon: <IconPlayerStop size={16} />,
                              onClick: () => state.mutate('ended'),
                            },
                          ]
                        : []),
                      ...(survey.state === 'ended'
                        ? [
                            {
                              label: t('surveys.reopen'),
                              icon: <IconPlayerPlay size={16} />,
                              onClick: () => state.mutate('running'),
                            },
                          ]
                        : []),
                      {
                        label: t('surveys.delete'),
                        icon: <IconTrash size={16} />,
                        onClick: () => url.set({ panel: 'delete' }, true),
                      },
                    ]
                  : [],
              },
            ].filter((group) => group.items.length > 0)}
          />
        </>
      }
    >
      <nav className={styles.parts} aria-label={t('surveys.partsOf')}>
        {PARTS.map((one) => (
          <Link key={one} to={pathOf(survey.id, one)} aria-current={one === part ? 'page' : undefined}>
            {t(`surveys.parts.${one}`)}
          </Link>
        ))}
      </nav>
      {copy.error ? <Refusal title={t('surveys.createFailed')} error={copy.error} /> : null}
      {state.error ? <Refusal title={t('surveys.stateFailed')} error={state.error} /> : null}
      {draft.state === 'refused' ? (
        <Refusal
          title={t('surveys.saveFailed')}
          error={draft.error}
          onRetry={() => (isConflict(draft.error) ? draft.reload() : void draft.flush())}
        />
      ) : null}
      {children({ survey, draft, mayWrite })}
      {panel === 'publish' && mayWrite ? <PublishPanel survey={survey} draft={draft} onClose={close} /> : null}
      {panel === 'versions' ? (
        <VersionsPanel survey={survey} draft={draft} mayWrite={mayWrite} onClose={close} />
      ) : null}
      {panel === 'delete' && mayWrite ? (
        <DeletePanel survey={survey} onGone={() => go('/surveys')} onClose={close} />
      ) : null}
    </Page>
  );
}
