import { IconShieldOff, IconUserOff } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button, ConfirmButton } from '../../kit/button.tsx';
import { Tag, Time } from '../../kit/data.tsx';
import { SelectField, TextField } from '../../kit/field.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { MoreOf } from '../../lists/more.tsx';
import { useMay } from '../../session.tsx';
import { type Translate, useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { identifierName } from '../person/identifier-name.ts';
import { privacyApi } from './calls.ts';
import { Listing } from './listing.tsx';

const KINDS = ['email', 'phone', 'user_id', 'customer_id', 'loyalty_card', 'anonymous_id', 'device'];
const kindChoices = (t: Translate) => KINDS.map((kind) => ({ value: kind, label: identifierName(kind, t) }));

function IdentifierPanel({ verb, onClose }: { verb: 'add' | 'lift'; onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const [kind, setKind] = useState('email');
  const [value, setValue] = useState('');
  const act = useMutation({
    mutationFn: async () => {
      const input = { kind, value: value.trim() };
      if (verb === 'add') await privacyApi.suppress(input);
      else toast(t('privacy.suppressed.lifted', { count: (await privacyApi.lift(input)).lifted }));
    },
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ['privacy', 'suppressed'] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    act.mutate();
  };
  return (
    <SidePanel
      title={t(`privacy.suppressed.${verb}`)}
      sub={verb === 'lift' ? t('privacy.suppressed.liftHint') : null}
      onClose={onClose}
    >
      <form onSubmit={submit}>
        <Stack gap={18}>
          {act.error ? <Refusal title={t('privacy.notSaved')} error={act.error} /> : null}
          <SelectField label={t('privacy.suppressed.kind')} value={kind} choices={kindChoices(t)} onChange={setKind} />
          <TextField label={t('privacy.suppressed.value')} value={value} onChange={setValue} required autoFocus />
          <Button type="submit" look="main" busy={act.isPending}>
            {t(`privacy.suppressed.${verb}`)}
          </Button>
        </Stack>
      </form>
    </SidePanel>
  );
}

export function Suppressed() {
  const t = useText();
  const url = useUrlState();
  const queries = useQueryClient();
  const mayErase = useMay('privacy.erase');
  const query = useInfiniteQuery({
    queryKey: ['privacy', 'suppressed'],
    queryFn: ({ pageParam }) => privacyApi.suppressed(pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.nextCursor,
  });
  const lift = useMutation({
    mutationFn: (hash: string) => privacyApi.lift({ hash }),
    onSuccess: ({ lifted }) => toast(t('privacy.suppressed.lifted', { count: lifted })),
    onSettled: () => queries.invalidateQueries({ queryKey: ['privacy', 'suppressed'] }),
  });
  const open = url.get('open');
  const actions = mayErase ? (
    <Row style={{ flexWrap: 'nowrap' }}>
      <Button onClick={() => url.set({ open: 'lift' }, true)}>{t('privacy.suppressed.lift')}</Button>
      <Button look="main" icon={<IconUserOff size={16} />} onClick={() => url.set({ open: 'add' }, true)}>
        {t('privacy.suppressed.add')}
      </Button>
    </Row>
  ) : null;
  return (
    <>
      {lift.error ? <Refusal title={t('privacy.notSaved')} error={lift.error} /> : null}
      <Listing
        label={t('privacy.suppressed.tab')}
        hint={t('privacy.suppressed.hint')}
        query={query}
        rows={query.data?.pages.flatMap((page) => page.items) ?? []}
        keyOf={(entry) => entry.hash}
        icon={<IconShieldOff size={30} stroke={1.5} aria-hidden />}
        empty={{ title: t('privacy.suppressed.emptyTitle'), text: t('privacy.suppressed.emptyText') }}
        action={actions}
        columns={[
          { name: t('privacy.suppressed.kind'), cell: (entry) => <strong>{identifierName(entry.kind, t)}</strong> },
          {
            name: t('privacy.suppressed.hash'),
            room: 'medium',
            cell: (entry) => (
              <code title={entry.hash} style={{ fontSize: '0.8125rem' }}>
                {entry.hash.slice(0, 16)}…
              </code>
            ),
          },
          {
            name: t('privacy.suppressed.from'),
            cell: (entry) => (
              <Tag>{entry.erasureId ? t('privacy.suppressed.byErasure') : t('privacy.suppressed.byHand')}</Tag>
            ),
          },
          { name: t('privacy.suppressed.who'), room: 'wide', cell: (entry) => entry.by },
          { name: t('privacy.when'), cell: (entry) => <Time at={entry.at} /> },
          {
            name: t('privacy.actions'),
            number: true,
            cell: (entry) =>
              mayErase ? (
                <ConfirmButton
                  question={t('privacy.suppressed.liftQuestion')}
                  confirm={t('privacy.suppressed.lift')}
                  onConfirm={() => lift.mutate(entry.hash)}
                >
                  {t('privacy.suppressed.lift')}
                </ConfirmButton>
              ) : null,
          },
        ]}
        foot={<MoreOf list={query} />}
      />
      {mayErase && (open === 'add' || open === 'lift') ? (
        <IdentifierPanel verb={open} onClose={() => url.set({ open: null })} />
      ) : null}
    </>
  );
}
