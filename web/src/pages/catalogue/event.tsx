import { IconEye, IconEyeOff } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import { formatNumber } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Pairs, Tag, Time } from '../../kit/data.tsx';
import { SelectField, TextField } from '../../kit/field.tsx';
import { Card, Page, Row, Stack } from '../../kit/layout.tsx';
import { Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useMay } from '../../session.tsx';
import { useSources } from '../../sources.ts';
import { useText } from '../../text.tsx';
import { Bars, byDay } from './bars.tsx';
import { Broken } from './broken.tsx';
import { type CatalogueDetail, catalogue, pageOf } from './calls.ts';
import { Properties } from './properties.tsx';
import { SchemaCard } from './schema-card.tsx';
import { useChange } from './use-change.ts';
import { Versions } from './versions.tsx';
import { StatusTag, useEventTitle } from './words.tsx';

/** One event: what it is, what it carries, how much of it there is, and what it must look like. */
export function CatalogueEventPage() {
  const t = useText();
  const { type = 'track', name = '' } = useParams();
  const key = { type, name };
  const event = useQuery({ queryKey: ['catalogue', 'event', type, name], queryFn: () => catalogue.one(key) });
  const titleOf = useEventTitle();
  const title = titleOf(key);
  const back = { to: '/catalogue', label: t('catalogue.title') };
  if (event.data) return <Detail key={`${type} ${name}`} event={event.data} title={title} back={back} />;
  return (
    <Page title={title} back={back}>
      <UntilLoaded query={event} failed={t('catalogue.failed')}>
        <Stack gap={16}>
          <Skeleton height={120} />
          <Skeleton height={260} />
        </Stack>
      </UntilLoaded>
    </Page>
  );
}

function Detail({
  event,
  title,
  back,
}: {
  event: CatalogueDetail;
  title: string;
  back: { to: string; label: string };
}) {
  const t = useText();
  const mayWrite = useMay('catalogue.write');
  const { nameOf } = useSources(event.sourceIds);
  const hide = useChange(event, (hidden: boolean) => catalogue.change(event, { hidden }));
  const bySource = Map.groupBy(event.volume, (row) => row.sourceId);
  return (
    <Page
      title={title}
      back={back}
      purpose={
        <Row>
          <StatusTag status={event.status} />
          <Tag>{event.type}</Tag>
          {event.hidden ? <Tag>{t('catalogue.hidden')}</Tag> : null}
          {event.countsAs ? <Tag tone="accent">{t('catalogue.countsAs', { name: event.countsAs })}</Tag> : null}
        </Row>
      }
      action={
        mayWrite ? (
          <Button
            icon={event.hidden ? <IconEye size={16} /> : <IconEyeOff size={16} />}
            busy={hide.isPending}
            onClick={() => hide.mutate(!event.hidden)}
          >
            {event.hidden ? t('catalogue.show') : t('catalogue.hide')}
          </Button>
        ) : null
      }
    >
      <Stack gap={16}>
        {hide.error ? <Refusal title={t('catalogue.notSaved')} error={hide.error} /> : null}
        <About event={event} mayWrite={mayWrite} />
        <Card title={t('catalogue.volume')}>
          <Stack gap={16}>
            <Bars
              label={t('catalogue.volume')}
              days={byDay(
                30,
                event.volume.map(({ day, events }) => ({ day, count: events })),
              )}
            />
            <Pairs
              rows={[
                [t('catalogue.inAll'), formatNumber(event.events)],
                [t('catalogue.firstSeen'), <Time key="first" at={event.firstSeenAt} />],
                [t('catalogue.lastSeen'), <Time key="last" at={event.lastSeenAt} />],
                [
                  t('catalogue.sources'),
                  [...bySource]
                    .map(
                      ([sourceId, days]) =>
                        `${nameOf(sourceId)} (${formatNumber(days.reduce((sum, day) => sum + day.events, 0))})`,
                    )
                    .join(', ') || event.sourceIds.map(nameOf).join(', '),
                ],
              ]}
            />
          </Stack>
        </Card>
        <Properties event={event} mayWrite={mayWrite} />
        <SchemaCard key={event.version} event={event} mayWrite={mayWrite} />
        {event.broken.length > 0 ? <Broken event={event} /> : null}
        {event.versions.length > 0 ? <Versions event={event} mayWrite={mayWrite} /> : null}
        {mayWrite && event.type !== event.name ? <Naming event={event} /> : null}
      </Stack>
    </Page>
  );
}

function About({ event, mayWrite }: { event: CatalogueDetail; mayWrite: boolean }) {
  const t = useText();
  const [description, setDescription] = useState(event.description);
  const owners = useQuery({ queryKey: ['catalogue', 'owners'], queryFn: catalogue.owners, staleTime: 60_000 });
  const save = useChange(event, (change: object) => catalogue.change(event, change));
  if (!mayWrite)
    return (
      <Card title={t('catalogue.about')}>
        <Pairs
          rows={[
            [t('catalogue.description'), event.description || '—'],
            [t('catalogue.owner'), event.owner?.name ?? t('catalogue.noOwner')],
          ]}
        />
      </Card>
    );
  return (
    <Card title={t('catalogue.about')}>
      <Stack gap={12}>
        {save.error ? <Refusal title={t('catalogue.notSaved')} error={save.error} /> : null}
        <TextField
          label={t('catalogue.description')}
          placeholder={t('catalogue.descriptionHint')}
          value={description}
          onChange={setDescription}
        />
        <Row gap={12} style={{ alignItems: 'flex-end' }}>
          <SelectField
            label={t('catalogue.owner')}
            value={event.owner?.id ?? ''}
            onChange={(ownerId) => save.mutate({ ownerId: ownerId || null })}
            choices={[
              { value: '', label: t('catalogue.noOwner') },
              ...(owners.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
          <SelectField
            label={t('catalogue.status')}
            value={event.status}
            onChange={(status) => save.mutate({ status })}
            choices={(['seen', 'planned', 'deprecated'] as const).map((value) => ({
              value,
              label: t(`catalogue.state.${value}`),
            }))}
          />
          <Button
            busy={save.isPending}
            disabled={description === event.description}
            onClick={() => save.mutate({ description })}
          >
            {t('catalogue.saveDescription')}
          </Button>
        </Row>
      </Stack>
    </Card>
  );
}

/** Renaming, merging by it, and undoing both. */
function Naming({ event }: { event: CatalogueDetail }) {
  const t = useText();
  const go = useNavigate();
  const queries = useQueryClient();
  const [to, setTo] = useState('');
  const rename = useMutation({
    mutationFn: () => catalogue.rename(event, to.trim()),
    onSuccess: (renamed) => {
      queries.invalidateQueries({ queryKey: ['catalogue'] });
      toast(t('catalogue.saved'));
      go(pageOf(renamed));
    },
  });
  const undo = useMutation({
    mutationFn: (name: string) => catalogue.undoRename({ type: event.type, name }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['catalogue'] }),
  });
  const undoable = event.countsAs ? [event.name] : event.alsoNamed;
  return (
    <Card title={t('catalogue.naming')} hint={t('catalogue.namingHint')}>
      <Stack gap={12}>
        {(rename.error ?? undo.error) ? (
          <Refusal title={t('catalogue.notSaved')} error={rename.error ?? undo.error} />
        ) : null}
        {undoable.map((name) => (
          <Row key={name}>
            <Tag>{name}</Tag> → {event.countsAs ?? event.name}
            <Button small busy={undo.isPending} onClick={() => undo.mutate(name)}>
              {t('catalogue.undo')}
            </Button>
          </Row>
        ))}
        {event.countsAs ? null : (
          <Row style={{ alignItems: 'flex-end' }}>
            <TextField label={t('catalogue.newName')} value={to} onChange={setTo} />
            <Button busy={rename.isPending} disabled={to.trim() === ''} onClick={() => rename.mutate()}>
              {t('catalogue.rename')}
            </Button>
          </Row>
        )}
      </Stack>
    </Card>
  );
}
