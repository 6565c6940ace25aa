import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { Button } from '../../kit/button.tsx';
import { Num, Tag } from '../../kit/data.tsx';
import { Switch } from '../../kit/field.tsx';
import { Card, Page, Row, Stack } from '../../kit/layout.tsx';
import { Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { RowLink, Table } from '../../kit/table.tsx';
import { useUndoable } from '../../kit/undoable.ts';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { useRoles } from '../staff/roles-query.ts';
import styles from './access.module.css';
import { accessCalls } from './calls.ts';
import { Directories, NewTokenPanel } from './directories.tsx';
import { ProviderPanel } from './provider-panel.tsx';

function SecondFactorRule({ mayWrite }: { mayWrite: boolean }) {
  const t = useText();
  const query = useQuery({ queryKey: ['access'], queryFn: accessCalls.settings });
  const change = useUndoable<boolean>({
    act: (secondFactorRequired) => accessCalls.change({ secondFactorRequired }),
    undo: (secondFactorRequired) => accessCalls.change({ secondFactorRequired: !secondFactorRequired }),
    done: (required) => (required ? t('access.nowRequired') : t('access.notRequired')),
    changes: [['access'], ['security']],
  });
  const settings = query.data;
  return (
    <Card title={t('access.secondFactor')} hint={t('access.secondFactorHint')}>
      <Stack gap={12}>
        <UntilLoaded query={query} failed={t('access.failed')}>
          <Skeleton height={40} />
        </UntilLoaded>
        {change.error ? <Refusal title={t('access.notSaved')} error={change.error} /> : null}
        {change.error ? (
          <p className={styles.dim}>
            <Link to="/account">{t('access.ownFirst')}</Link>
          </p>
        ) : null}
        {settings ? (
          <>
            <Switch
              label={t('access.requireSecondFactor')}
              checked={settings.secondFactorRequired}
              disabled={!mayWrite || change.isPending}
              onChange={(on) => change.mutate(on)}
            />
            <p className={styles.dim}>
              {settings.withoutSecondFactor > 0
                ? t('access.without', { count: settings.withoutSecondFactor })
                : t('access.everybodyHas')}
            </p>
          </>
        ) : null}
      </Stack>
    </Card>
  );
}

/** How people sign in, for everybody: second factor, single sign-on, directories. */
export function AccessPage() {
  const t = useText();
  const url = useUrlState();
  const mayWrite = useMay('access.write');
  const { nameOf } = useRoles();
  const query = useQuery({ queryKey: ['sso'], queryFn: accessCalls.providers });
  const rows = query.data?.items ?? [];
  const open = url.get('sso');
  const shown = rows.find((one) => one.id === open) ?? null;
  const close = () => url.set({ sso: null, token: null });
  return (
    <Page title={t('access.title')} purpose={t('access.purpose')}>
      <Stack gap={16}>
        <SecondFactorRule mayWrite={mayWrite} />
        <Card
          title={t('access.sso')}
          hint={t('access.ssoHint')}
          action={
            mayWrite ? (
              <Button small icon={<IconPlus size={15} />} onClick={() => url.set({ sso: 'new', token: null }, true)}>
                {t('access.add')}
              </Button>
            ) : null
          }
        >
          <div className={styles.stack}>
            <UntilLoaded query={query} failed={t('access.failed')}>
              <Skeleton height={60} />
            </UntilLoaded>
            {query.isSuccess && rows.length === 0 ? <p className={styles.dim}>{t('access.noSso')}</p> : null}
            {rows.length > 0 ? (
              <Table
                label={t('access.sso')}
                rows={rows}
                keyOf={(one) => one.id}
                isOpen={(one) => one.id === open}
                clickable
                columns={[
                  {
                    name: t('access.provider'),
                    cell: (one) => (
                      <RowLink keepScroll to={`?sso=${encodeURIComponent(one.id)}`}>
                        <bdi>{one.name}</bdi>
                      </RowLink>
                    ),
                  },
                  {
                    name: t('access.protocol'),
                    room: 'wide',
                    cell: (one) => <Tag>{t(`access.kind.${one.kind}`)}</Tag>,
                  },
                  { name: t('access.domains'), room: 'medium', cell: (one) => one.domains.join(', ') },
                  { name: t('access.defaultRole'), room: 'wide', cell: (one) => <Tag>{nameOf(one.defaultRole)}</Tag> },
                  { name: t('access.people'), number: true, room: 'wide', cell: (one) => <Num value={one.people} /> },
                  {
                    name: t('access.state'),
                    cell: (one) => (
                      <Row gap={4}>
                        {one.enabled ? <Tag tone="good">{t('access.on')}</Tag> : <Tag>{t('access.off')}</Tag>}
                        {one.required ? <Tag tone="accent">{t('access.only')}</Tag> : null}
                      </Row>
                    ),
                  },
                ]}
              />
            ) : null}
          </div>
        </Card>
        <Directories mayWrite={mayWrite} onAdd={() => url.set({ token: 'new', sso: null }, true)} />
      </Stack>
      {shown || (open === 'new' && mayWrite) ? (
        <ProviderPanel
          key={open}
          provider={shown}
          mayWrite={mayWrite}
          onClose={close}
          onMade={(id) => url.set({ sso: id })}
        />
      ) : null}
      {url.get('token') === 'new' && mayWrite ? <NewTokenPanel onClose={close} /> : null}
    </Page>
  );
}
