import { IconPencil, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from 'react-router';
import { formatExact, formatList, formatNumber } from '../../format.ts';
import { Button, ConfirmButton } from '../../kit/button.tsx';
import { Pairs, Stat, Time } from '../../kit/data.tsx';
import { Switch } from '../../kit/field.tsx';
import { Card, Page, Row, Stack } from '../../kit/layout.tsx';
import { Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useMay } from '../../session.tsx';
import { type Translate, useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { calls, type Destination, whereOf } from './calls.ts';
import { Deliveries } from './deliveries.tsx';
import { DestinationForm } from './destination-form.tsx';
import styles from './destinations.module.css';
import { KeysCard } from './keys-card.tsx';
import { Runs } from './runs.tsx';
import { StateTag } from './state.tsx';

/** Where events go, what leaves, whether it arrives. */
export function DestinationPage() {
  const t = useText();
  const url = useUrlState();
  const { destinationId = '' } = useParams();
  const mayWrite = useMay('destinations.write');
  const query = useQuery({
    queryKey: ['destination', destinationId],
    queryFn: () => calls.one(destinationId),
    refetchInterval: 4_000,
  });
  const one = query.data;
  const back = { to: '/destinations', label: t('nav.destinations') };
  if (!one) {
    return (
      <Page title="" heading={<span />} back={back}>
        <UntilLoaded query={query} failed={t('destinations.oneFailed')}>
          <Stack gap={20}>
            <Skeleton width={200} height={22} />
            <Skeleton height={280} />
          </Stack>
        </UntilLoaded>
      </Page>
    );
  }
  return (
    <Page
      title={one.name}
      back={back}
      purpose={whereOf(one)}
      action={
        <Row>
          <StateTag destination={one} />
          {mayWrite ? (
            <Button icon={<IconPencil size={16} />} onClick={() => url.set({ edit: '1' }, true)}>
              {t('destinations.edit')}
            </Button>
          ) : null}
        </Row>
      }
    >
      <div className={styles.columns}>
        <Stack gap={16}>
          {one.kind === 'webhook' ? (
            <Deliveries destination={one} mayWrite={mayWrite} />
          ) : (
            <Runs destination={one} mayWrite={mayWrite} />
          )}
        </Stack>
        <Stack gap={16}>
          <TodayCard one={one} />
          <StateCard one={one} mayWrite={mayWrite} />
          <LeavesCard one={one} />
          {one.kind === 'webhook' && mayWrite ? <KeysCard id={one.id} /> : null}
          {mayWrite ? <RemoveCard one={one} /> : null}
        </Stack>
      </div>
      {url.get('edit') && mayWrite ? (
        <DestinationForm key={one.id} destination={one} onClose={() => url.set({ edit: null })} />
      ) : null}
    </Page>
  );
}

function TodayCard({ one }: { one: Destination }) {
  const t = useText();
  const { health } = one;
  const held = Object.entries(health.held).map(([purpose, count]): [string, string] => [
    purpose === 'restricted' ? t('destinations.restricted') : t('destinations.heldFor', { purpose }),
    formatNumber(count),
  ]);
  return (
    <Card title={t('destinations.today')} hint={t('destinations.todayHint')}>
      <Stack gap={14}>
        <div className={styles.stats}>
          <Stat
            label={one.kind === 'files' ? t('destinations.rowsWritten') : t('destinations.deliveredToday')}
            value={formatNumber(health.deliveredToday)}
          />
          {one.kind === 'webhook' ? (
            <>
              <Stat label={t('destinations.waitingNow')} value={formatNumber(health.waiting)} />
              <Stat label={t('destinations.failedToday')} value={formatNumber(health.failedToday)} />
            </>
          ) : null}
          <Stat label={t('destinations.heldToday')} value={formatNumber(health.heldToday)} />
        </div>
        {held.length > 0 ? <Pairs rows={held} /> : null}
      </Stack>
    </Card>
  );
}

function StateCard({ one, mayWrite }: { one: Destination; mayWrite: boolean }) {
  const t = useText();
  const queries = useQueryClient();
  const key = ['destination', one.id];
  const enable = useMutation({
    mutationFn: (enabled: boolean) => calls.change(one.id, { enabled }),
    onMutate: (enabled) => {
      queries.setQueryData<Destination>(key, (before) => (before ? { ...before, enabled } : before));
    },
    onError: () => queries.setQueryData(key, one),
    onSuccess: (changed) => {
      queries.setQueryData(key, changed);
      queries.invalidateQueries({ queryKey: ['destinations'] });
    },
  });
  const rows: [string, React.ReactNode][] = [
    [t('destinations.lastSuccess'), <Time key="success" at={one.lastSuccessAt} />],
  ];
  if (one.failingSince) rows.push([t('destinations.failingSince'), <Time key="failing" at={one.failingSince} />]);
  if (one.failingSince && one.lastError) rows.push([t('destinations.lastError'), one.lastError]);
  if (one.pausedUntil) rows.push([t('destinations.pausedUntil'), formatExact(one.pausedUntil)]);
  return (
    <Card title={t('destinations.stateName')}>
      <Stack gap={14}>
        <Switch
          label={one.enabled ? t('destinations.switchedOn') : t('destinations.switchedOff')}
          checked={one.enabled}
          disabled={!mayWrite}
          onChange={(enabled) => enable.mutate(enabled)}
        />
        {one.stopped ? <p className={styles.hint}>{t(`destinations.stopped.${one.stopped}`)}</p> : null}
        {enable.error ? <Refusal title={t('destinations.saveFailed')} error={enable.error} /> : null}
        <Pairs rows={rows} />
      </Stack>
    </Card>
  );
}

function LeavesCard({ one }: { one: Destination }) {
  const t = useText();
  return (
    <Card title={t('destinations.leaves')} {...(one.kind === 'webhook' ? { hint: t('destinations.order') } : {})}>
      <Pairs rows={leaves(one, t)} />
    </Card>
  );
}

function leaves(one: Destination, t: Translate): [string, React.ReactNode][] {
  const { filter, files } = one;
  const some = (values: string[] | undefined) =>
    values && values.length > 0 ? formatList(values) : t('destinations.all');
  const rows: [string, React.ReactNode][] = [[t('destinations.names'), some(filter.names)]];
  if (filter.types?.length) rows.push([t('destinations.types'), some(filter.types)]);
  if (filter.channels?.length) rows.push([t('destinations.channels'), some(filter.channels)]);
  if (filter.sources?.length) rows.push([t('nav.sources'), some(filter.sources)]);
  if (one.condition) rows.push([t('destinations.condition'), <code key="condition">{one.condition}</code>]);
  rows.push([
    t('destinations.purposes'),
    one.purposes.length > 0 ? formatList(one.purposes) : t('destinations.noPurpose'),
  ]);
  if (files) {
    rows.push([t('destinations.format'), files.format === 'parquet' ? 'Parquet' : 'NDJSON (gzip)']);
    rows.push([t('destinations.every'), `${t(`destinations.rhythm.${files.every}`)}, ${files.zone}`]);
  }
  return rows;
}

function RemoveCard({ one }: { one: Destination }) {
  const t = useText();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const remove = useMutation({
    mutationFn: () => calls.remove(one.id),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ['destinations'] });
      toast(t('destinations.removed'));
      navigate('/destinations');
    },
  });
  return (
    <Card title={t('destinations.remove')}>
      <Stack gap={12}>
        {remove.error ? <Refusal title={t('destinations.saveFailed')} error={remove.error} /> : null}
        <div>
          <ConfirmButton
            icon={<IconTrash size={15} />}
            question={t('destinations.removeQuestion')}
            confirm={t('destinations.remove')}
            busy={remove.isPending}
            onConfirm={() => remove.mutate()}
          >
            {t('destinations.remove')}
          </ConfirmButton>
        </div>
      </Stack>
    </Card>
  );
}
