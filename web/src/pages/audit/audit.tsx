import { IconFilter, IconHistory } from '@tabler/icons-react';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { formatExact } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Pairs, Tag, Time } from '../../kit/data.tsx';
import { DateField, SearchField, SelectField } from '../../kit/field.tsx';
import { useDebouncedValue } from '../../kit/hooks.ts';
import { Page, Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { NothingHere, UntilLoaded } from '../../kit/states.tsx';
import { type Column, RowLink, Table, TableSkeleton } from '../../kit/table.tsx';
import { useListView } from '../../lists/list-view.tsx';
import { MoreOf } from '../../lists/more.tsx';
import { hasMessage, type Translate, useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import styles from './audit.module.css';
import { type AuditFilter, auditAddress, auditCalls, type Entry } from './calls.ts';
import { Subjects } from './subjects.tsx';
import { ABOUT, sentenceOf } from './words.ts';

const FILTERS = ['actor', 'action', 'subject', 'outcome', 'from', 'to'] as const;
const FORBIDDEN = 400;
const WAIT_MS = 250;

/** Somebody by name; what kind of somebody where it is no person. */
function actorName({ actor }: Entry, t: Translate): string {
  if (actor.kind === 'nobody') return t('audit.nobody');
  if (actor.kind === 'local') return t('audit.local');
  return actor.name;
}

function Refused() {
  const t = useText();
  return <Tag tone="bad">{t('audit.refused')}</Tag>;
}

/** Who did what, and who looked at whom. The log itself cannot be changed by anybody. */
export function AuditPage() {
  const t = useText();
  const url = useUrlState();
  const asked = Object.fromEntries(FILTERS.map((name) => [name, url.get(name).trim()])) as AuditFilter;
  const [key] = useDebouncedValue(JSON.stringify(asked), WAIT_MS);
  const filter = JSON.parse(key) as AuditFilter;
  const list = useInfiniteQuery({
    queryKey: ['audit', filter],
    queryFn: ({ pageParam, signal }) => auditCalls.list(filter, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
    placeholderData: keepPreviousData,
  });
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = Object.values(filter).some(Boolean);
  const present = Object.entries(asked).filter(([, value]) => value);
  const columns: Column<Entry>[] = [
    {
      name: t('audit.did.title'),
      long: true,
      cell: (entry) => (
        <>
          <RowLink keepScroll to={`?${new URLSearchParams([...present, ['entry', entry.id]])}`}>
            {sentenceOf(entry, t) ?? <code className={styles.raw}>{entry.action}</code>}
          </RowLink>{' '}
          {entry.status >= FORBIDDEN ? <Refused /> : null}
        </>
      ),
    },
    { id: 'who', name: t('audit.who'), cell: (entry) => <bdi>{actorName(entry, t)}</bdi> },
    {
      id: 'about',
      name: t('audit.about'),
      room: 'medium',
      cell: (entry) => <Subjects of={entry.subjects} most={2} />,
    },
    {
      id: 'fields',
      extra: true,
      name: t('audit.fields'),
      room: 'wide',
      cell: (entry) => <span className={styles.dim}>{entry.fields.join(', ')}</span>,
    },
    {
      id: 'address',
      name: t('audit.address'),
      room: 'wide',
      cell: (entry) => <span className={styles.dim}>{entry.address}</span>,
    },
    { id: 'at', name: t('audit.at'), cell: (entry) => <Time at={entry.at} /> },
  ];
  const view = useListView({ list: 'audit', columns, params: FILTERS, csv: auditAddress(filter) });
  const shown = rows.find((entry) => entry.id === url.get('entry'));
  const clear = Object.fromEntries(FILTERS.map((name) => [name, null]));
  return (
    <Page
      title={t('audit.title')}
      purpose={t('audit.purpose')}
      tools={view.tools}
      filters={
        <>
          <SearchField
            label={t('audit.whoFilter')}
            width={220}
            value={url.get('actor')}
            onChange={(value) => url.set({ actor: value })}
          />
          <SelectField
            hideLabel
            width={220}
            label={t('audit.what')}
            value={asked.action}
            choices={[
              { value: '', label: t('audit.everything') },
              ...Object.entries(ABOUT).map(([name, value]) => ({
                value,
                label: t(`audit.only.${name as keyof typeof ABOUT}`),
              })),
              ...(asked.action && !(Object.values(ABOUT) as string[]).includes(asked.action)
                ? [{ value: asked.action, label: asked.action }]
                : []),
            ]}
            onChange={(value) => url.set({ action: value })}
          />
          <SearchField
            label={t('audit.aboutFilter')}
            placeholder={t('audit.aboutHint')}
            width={190}
            value={url.get('subject')}
            onChange={(value) => url.set({ subject: value })}
          />
          <SelectField
            hideLabel
            width={170}
            label={t('audit.outcome')}
            value={asked.outcome}
            choices={[
              { value: '', label: t('audit.anyOutcome') },
              { value: 'done', label: t('audit.done') },
              { value: 'refused', label: t('audit.refused') },
            ]}
            onChange={(value) => url.set({ outcome: value })}
          />
          <DateField label={t('audit.from')} value={asked.from} onChange={(value) => url.set({ from: value })} />
          <DateField label={t('audit.to')} value={asked.to} onChange={(value) => url.set({ to: value })} />
        </>
      }
    >
      <UntilLoaded query={list} failed={t('audit.failed')}>
        <TableSkeleton columns={5} />
      </UntilLoaded>
      {list.isSuccess && rows.length === 0 ? (
        <NothingHere
          icon={<IconHistory size={30} stroke={1.5} aria-hidden />}
          title={filtered ? t('audit.noneFound') : t('audit.empty')}
          text={filtered ? t('audit.noneFoundText') : t('audit.purpose')}
          {...(filtered ? { action: <Button onClick={() => url.set(clear)}>{t('kit.clearFilters')}</Button> } : {})}
        />
      ) : null}
      {rows.length > 0 ? (
        <Table
          label={t('audit.title')}
          columns={view.columns}
          rows={rows}
          keyOf={(entry) => entry.id}
          isOpen={(entry) => entry.id === shown?.id}
          clickable
        />
      ) : null}
      <MoreOf list={list} />
      {shown ? <EntryPanel entry={shown} onClose={() => url.set({ entry: null })} /> : null}
    </Page>
  );
}

/** All that is kept of one entry. */
function EntryPanel({ entry, onClose }: { entry: Entry; onClose: () => void }) {
  const t = useText();
  const url = useUrlState();
  const kind = `audit.kind.${entry.actor.kind}`;
  return (
    <SidePanel
      title={sentenceOf(entry, t) ?? <code className={styles.raw}>{entry.action}</code>}
      sub={formatExact(entry.at)}
      onClose={onClose}
    >
      <Stack gap={18}>
        <Pairs
          rows={[
            [
              t('audit.who'),
              <span key="who">
                <bdi>{actorName(entry, t)}</bdi> {hasMessage(kind) ? <Tag>{t(kind)}</Tag> : null}
              </span>,
            ],
            [
              t('audit.outcome'),
              entry.status >= FORBIDDEN ? <Refused key="o" /> : <Tag key="o" tone="good">{`${t('audit.done')}`}</Tag>,
            ],
            [t('audit.action'), <code key="a" className={styles.raw}>{`${entry.action} · ${entry.status}`}</code>],
            ...(entry.fields.length > 0
              ? [[t('audit.fields'), <span key="f">{entry.fields.join(', ')}</span>] as [string, React.ReactNode]]
              : []),
            [t('audit.address'), entry.address ?? '—'],
          ]}
        />
        {entry.subjects.length > 0 ? (
          <Stack gap={6}>
            <span className={styles.dim}>{t('audit.about')}</span>
            <Subjects of={entry.subjects} />
          </Stack>
        ) : null}
        <Row>
          {entry.actor.id ? (
            <Button
              small
              icon={<IconFilter size={15} />}
              onClick={() => url.set({ actor: entry.actor.id, entry: null })}
            >
              {t('audit.onlyActor')}
            </Button>
          ) : null}
          {entry.subjects[0] ? (
            <Button
              small
              icon={<IconFilter size={15} />}
              onClick={() => url.set({ subject: entry.subjects[0] ?? null, entry: null })}
            >
              {t('audit.onlySubject')}
            </Button>
          ) : null}
        </Row>
        <p className={styles.dim}>{t('audit.noValues')}</p>
      </Stack>
    </SidePanel>
  );
}
