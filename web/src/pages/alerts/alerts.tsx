import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Button, ConfirmButton, LinkButton } from '../../kit/button.tsx';
import { Num, Tag, Time } from '../../kit/data.tsx';
import { Card, Page, Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Loading, NothingHere, Refusal } from '../../kit/states.tsx';
import { type Column, RowLink, Table, TableSkeleton } from '../../kit/table.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import type { ListOf } from '../../wire.ts';
import { type Alert, calls, type Schedule, type Share } from '../shares/calls.ts';

const DAY_MS = 86_400_000;
const TONES = { new: 'plain', ok: 'good', firing: 'bad', resolved: 'good', nodata: 'warn', broken: 'bad' } as const;

/** What tells of numbers by itself, what is mailed, and what is shared by link. */
export function AlertsPage() {
  const t = useText();
  const url = useUrlState();
  const mayWrite = useMay('reports.write');
  const queries = useQueryClient();
  const act = useMutation({
    mutationFn: (work: () => Promise<unknown>) => work(),
    onSuccess: () =>
      Promise.all(['alerts', 'schedules', 'shares'].map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  });
  const open = url.get('alert');
  const last = <T,>(cell: (row: T) => ReactNode): Column<T>[] => (mayWrite ? [{ name: t('alerts.do'), cell }] : []);
  const remove = (work: () => Promise<unknown>) => (
    <ConfirmButton
      question={t('alerts.deleteQuestion')}
      confirm={t('alerts.delete')}
      onConfirm={() => act.mutate(work)}
    >
      {t('alerts.delete')}
    </ConfirmButton>
  );
  const isMuted = (alert: Alert) => alert.mutedUntil !== null && Date.parse(alert.mutedUntil) > Date.now();
  const address = (of: Schedule | Share) => `/${of.kind === 'report' ? 'reports' : 'dashboards'}/${of.savedId}`;
  return (
    <Page title={t('alerts.title')} purpose={t('alerts.purpose')}>
      <Stack gap={16}>
        {act.error ? <Refusal title={t('alerts.loadFailed')} error={act.error} /> : null}
        <Section
          name="alerts"
          load={calls.alerts}
          columns={[
            { name: t('alerts.name'), cell: (row) => <RowLink to={`?alert=${row.id}`}>{row.name}</RowLink> },
            {
              name: t('alerts.state'),
              cell: (row) => (
                <Row gap={6}>
                  <Tag tone={TONES[row.state]} title={row.said}>
                    {t(`alerts.is.${row.state}`)}
                  </Tag>
                  {isMuted(row) ? <Tag>{t('alerts.muted')}</Tag> : null}
                </Row>
              ),
            },
            { name: t('alerts.looked'), room: 'medium', cell: (row) => <Time at={row.evaluatedAt} /> },
            { name: t('alerts.owner'), room: 'wide', cell: (row) => <bdi>{row.ownerName}</bdi> },
            ...last<Alert>((row) => (
              <Row gap={6}>
                <Button
                  small
                  onClick={() =>
                    act.mutate(() =>
                      calls.muteAlert(row.id, isMuted(row) ? null : new Date(Date.now() + DAY_MS).toISOString()),
                    )
                  }
                >
                  {t(isMuted(row) ? 'alerts.unmute' : 'alerts.mute')}
                </Button>
                {remove(() => calls.deleteAlert(row.id))}
              </Row>
            )),
          ]}
        />
        <Section
          name="schedules"
          load={calls.schedules}
          columns={[
            { name: t('alerts.name'), cell: (row) => <RowLink to={address(row)}>{row.savedName}</RowLink> },
            {
              name: t('alerts.state'),
              long: true,
              cell: (row) =>
                row.paused ? (
                  <span>
                    <Tag tone="warn">{t('alerts.paused')}</Tag> {row.paused}
                  </span>
                ) : (
                  <Tag tone="good">{t('alerts.open')}</Tag>
                ),
            },
            { name: t('alerts.next'), room: 'medium', cell: (row) => <Time at={row.nextAt} /> },
            { name: t('alerts.last'), room: 'wide', cell: (row) => <Time at={row.lastSentAt} /> },
            ...last<Schedule>((row) => remove(() => calls.deleteSchedule(row.id))),
          ]}
        />
        <Section
          name="shares"
          load={calls.shares}
          columns={[
            {
              name: t('alerts.name'),
              cell: (row) => (
                <RowLink to={address(row)}>{row.name ? `${row.savedName} · ${row.name}` : row.savedName}</RowLink>
              ),
            },
            {
              name: t('alerts.state'),
              cell: (row) =>
                row.revokedAt ? <Tag>{t('alerts.revoked')}</Tag> : <Tag tone="good">{t('alerts.open')}</Tag>,
            },
            { name: t('alerts.expires'), room: 'medium', cell: (row) => <Time at={row.expiresAt} /> },
            { name: t('alerts.uses'), number: true, cell: (row) => <Num value={row.uses} /> },
            { name: t('alerts.lastUsed'), room: 'wide', cell: (row) => <Time at={row.lastUsedAt} /> },
            ...last<Share>((row) =>
              row.revokedAt ? null : (
                <ConfirmButton
                  question={t('alerts.revokeQuestion')}
                  confirm={t('alerts.revoke')}
                  onConfirm={() => act.mutate(() => calls.revokeShare(row.id))}
                >
                  {t('alerts.revoke')}
                </ConfirmButton>
              ),
            ),
          ]}
        />
      </Stack>
      {open ? <Findings alertId={open} onClose={() => url.set({ alert: null })} /> : null}
    </Page>
  );
}

const WORDS = {
  alerts: ['alerts.alerts', 'alerts.noAlerts', 'alerts.noAlertsText'],
  schedules: ['alerts.mails', 'alerts.noMails', 'alerts.noMailsText'],
  shares: ['alerts.links', 'alerts.noLinks', 'alerts.noLinksText'],
} as const;

function Section<T extends { id: string }>({
  name,
  load,
  columns,
}: {
  name: keyof typeof WORDS;
  load: (cursor: string | null) => Promise<ListOf<T>>;
  columns: Column<T>[];
}) {
  const t = useText();
  const [title, none, noneText] = WORDS[name];
  const list = useInfiniteQuery({
    queryKey: [name, 'list'],
    queryFn: ({ pageParam }) => load(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card title={t(title)}>
      {list.isPending ? (
        <Loading>
          <TableSkeleton columns={columns.length} rows={2} />
        </Loading>
      ) : list.error ? (
        <Refusal title={t('alerts.loadFailed')} error={list.error} onRetry={() => list.refetch()} />
      ) : rows.length === 0 ? (
        <NothingHere
          title={t(none)}
          text={t(noneText)}
          action={<LinkButton to="/reports">{t('alerts.toReports')}</LinkButton>}
        />
      ) : (
        <Stack gap={12}>
          <Table label={t(title)} keyOf={(row: T) => row.id} rows={rows} columns={columns} />
          {list.hasNextPage ? (
            <Button small busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
              {t('kit.more')}
            </Button>
          ) : null}
        </Stack>
      )}
    </Card>
  );
}

function Findings({ alertId, onClose }: { alertId: string; onClose: () => void }) {
  const t = useText();
  const found = useQuery({ queryKey: ['alerts', 'findings', alertId], queryFn: () => calls.evaluations(alertId) });
  return (
    <SidePanel title={t('alerts.findings')} onClose={onClose}>
      {found.error ? (
        <Refusal title={t('alerts.loadFailed')} error={found.error} />
      ) : found.isPending ? (
        <Loading>
          <TableSkeleton columns={3} rows={4} />
        </Loading>
      ) : found.data.items.length === 0 ? (
        <NothingHere title={t('alerts.noFindings')} />
      ) : (
        <Table
          label={t('alerts.findings')}
          keyOf={(row) => row.id}
          rows={found.data.items}
          columns={[
            { name: t('alerts.at'), cell: (row) => <Time at={row.at} /> },
            {
              name: t('alerts.state'),
              cell: (row) => <Tag tone={TONES[row.state]}>{t(`alerts.is.${row.state}`)}</Tag>,
            },
            {
              name: t('alerts.value'),
              number: true,
              cell: (row) => (row.value === null ? '–' : <Num value={row.value} />),
            },
            { name: t('alerts.why'), long: true, cell: (row) => row.said },
          ]}
        />
      )}
    </SidePanel>
  );
}
