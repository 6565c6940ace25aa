import { IconAlertTriangle, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { ApiRefusal } from '../../api.ts';
import { Button, ConfirmButton } from '../../kit/button.tsx';
import { Switch, TextField } from '../../kit/field.tsx';
import { late } from '../../kit/late.tsx';
import { Card, Page, Row, Stack } from '../../kit/layout.tsx';
import { Loading, Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { type Content, calls, type Transformation, type Trial } from './calls.ts';
import { StateTag } from './state-tag.tsx';
import { StepsEditor } from './steps-editor.tsx';
import styles from './transformations.module.css';
import { TrialCard } from './trial.tsx';
import { VersionsCard } from './versions.tsx';

const CodeEditor = late(
  () => import('./code-editor.tsx').then((part) => part.CodeEditor),
  () => (
    <Loading>
      <Skeleton height={300} />
    </Loading>
  ),
);

/** Whether two contents are the same, whatever the order in which the server wrote their fields. */
function isSame(one: Content, other: Content): boolean {
  const text = (content: Content) =>
    JSON.stringify(content, (_, value: unknown) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value,
    );
  return text(one) === text(other);
}

/** One transformation: what it does, tried beside on recorded events, then put into use. */
export function TransformationPage() {
  const t = useText();
  const { sourceId = '', transformationId = '' } = useParams();
  const query = useQuery({
    queryKey: ['transformation', transformationId],
    queryFn: () => calls.get(transformationId),
    refetchInterval: 5_000,
  });
  const back = { to: `/sources/${sourceId}/transformations`, label: t('transformations.title') };
  if (!query.data) {
    return (
      <Page title="" heading={<span />} back={back}>
        <UntilLoaded query={query} failed={t('transformations.loadFailed')}>
          <Stack gap={20}>
            <Skeleton width={200} height={22} />
            <Skeleton height={360} />
          </Stack>
        </UntilLoaded>
      </Page>
    );
  }
  return <Editor key={query.data.id} transformation={query.data} back={back} />;
}

function Editor({ transformation, back }: { transformation: Transformation; back: { to: string; label: string } }) {
  const t = useText();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const mayWrite = useMay('transformations.write');
  const { id, sourceId } = transformation;
  const [content, setContent] = useState<Content>(transformation.content);
  const [name, setName] = useState(transformation.name);
  const [trial, setTrial] = useState<Trial | null>(null);
  const current = useRef(content);
  current.current = content;
  const saved = isSame(content, transformation.content) && name === transformation.name;
  const keep = (now: Transformation) => {
    queries.setQueryData(['transformation', id], now);
    queries.invalidateQueries({ queryKey: ['transformations', sourceId] });
  };
  const save = useMutation({ mutationFn: () => calls.change(id, { name, content }), onSuccess: keep });
  const enable = useMutation({ mutationFn: (enabled: boolean) => calls.change(id, { enabled }), onSuccess: keep });
  const publish = useMutation({
    mutationFn: async (untried: boolean) => {
      if (!saved) await save.mutateAsync();
      return calls.publish(id, untried);
    },
    onSuccess: (now) => {
      keep(now);
      toast(t('transformations.published'));
    },
  });
  const remove = useMutation({
    mutationFn: () => calls.remove(id),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ['transformations', sourceId] });
      navigate(back.to);
    },
  });
  const wrong = trial?.items.find((item) => item.error?.place)?.error?.place?.line ?? null;
  const refused = publish.error instanceof ApiRefusal && publish.error.status === 409 ? publish.error : null;
  const publishable = !saved || transformation.changed;
  return (
    <Page
      title={transformation.name}
      back={back}
      purpose={t(`transformations.contentHint.${content.kind}`)}
      action={<StateTag of={transformation} />}
    >
      <Stack gap={16}>
        {transformation.pausedAt && transformation.enabled ? (
          <div className={styles.paused} role="alert">
            <IconAlertTriangle size={18} aria-hidden />
            <p>{t('transformations.pausedWhy', { why: transformation.pausedReason ?? '' })}</p>
            {mayWrite ? (
              <Button small busy={enable.isPending} onClick={() => enable.mutate(true)}>
                {t('transformations.resume')}
              </Button>
            ) : null}
          </div>
        ) : null}
        <div className={styles.columns}>
          <Stack gap={16}>
            <Card
              title={t('transformations.what')}
              action={
                transformation.published !== null ? (
                  <Switch
                    label={t('transformations.switch')}
                    checked={transformation.enabled}
                    disabled={!mayWrite}
                    onChange={(enabled) => enable.mutate(enabled)}
                  />
                ) : null
              }
            >
              <Stack gap={12}>
                {enable.error ? <Refusal title={t('transformations.changeFailed')} error={enable.error} /> : null}
                {save.error ? <Refusal title={t('transformations.saveFailed')} error={save.error} /> : null}
                {publish.error && save.error === null ? (
                  <Refusal title={t('transformations.publishFailed')} error={publish.error} />
                ) : null}
                {remove.error ? <Refusal title={t('transformations.deleteFailed')} error={remove.error} /> : null}
                <TextField label={t('transformations.name')} value={name} onChange={setName} />
                {content.kind === 'javascript' ? (
                  <CodeEditor
                    label={t('transformations.code')}
                    value={content.code}
                    line={wrong}
                    readOnly={!mayWrite}
                    onChange={(code) => {
                      setContent({ kind: 'javascript', code });
                      setTrial(null);
                    }}
                  />
                ) : (
                  <StepsEditor
                    steps={content.steps}
                    readOnly={!mayWrite}
                    onChange={(steps) => setContent({ kind: 'steps', steps })}
                  />
                )}
                {mayWrite ? (
                  <Row style={{ flexWrap: 'wrap' }}>
                    <Button
                      look="main"
                      busy={publish.isPending}
                      disabled={!publishable}
                      onClick={() => publish.mutate(false)}
                    >
                      {t('transformations.publish')}
                    </Button>
                    <Button
                      busy={save.isPending}
                      disabled={saved}
                      onClick={() => save.mutate(undefined, { onSuccess: () => toast(t('transformations.saved')) })}
                    >
                      {t('transformations.save')}
                    </Button>
                    {refused ? (
                      <ConfirmButton
                        small={false}
                        question={t('transformations.untriedQuestion')}
                        confirm={t('transformations.publishUntried')}
                        busy={publish.isPending}
                        onConfirm={() => publish.mutate(true)}
                      >
                        {t('transformations.publishUntried')}
                      </ConfirmButton>
                    ) : null}
                  </Row>
                ) : null}
              </Stack>
            </Card>
            <VersionsCard
              transformation={transformation}
              mayWrite={mayWrite}
              onRestored={(now) => {
                keep(now);
                setContent(now.content);
              }}
            />
            {mayWrite ? (
              <div>
                <ConfirmButton
                  icon={<IconTrash size={15} />}
                  question={t('transformations.deleteQuestion')}
                  confirm={t('transformations.delete')}
                  busy={remove.isPending}
                  onConfirm={() => remove.mutate()}
                >
                  {t('transformations.delete')}
                </ConfirmButton>
              </div>
            ) : null}
          </Stack>
          {mayWrite ? (
            <TrialCard
              transformation={transformation}
              content={content}
              save={async () => {
                if (!saved) await save.mutateAsync();
              }}
              onTried={(done, tried) => {
                // The lines of a trial are those of the code that was tried.
                setTrial(tried === current.current ? done : null);
                publish.reset();
              }}
            />
          ) : null}
        </div>
      </Stack>
    </Page>
  );
}
