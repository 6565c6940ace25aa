import { IconHistory, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { formatNumber } from '../../format.ts';
import { Button, ConfirmButton } from '../../kit/button.tsx';
import { Num, Time } from '../../kit/data.tsx';
import { SelectField, TextField } from '../../kit/field.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useMay } from '../../session.tsx';
import { useSources } from '../../sources.ts';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { privacyApi, type RetentionRule } from './calls.ts';
import { Listing } from './listing.tsx';

const useSourceList = () => {
  const query = useQuery({
    queryKey: ['sources'],
    queryFn: () => import('../../api.ts').then(({ api }) => api.sources()),
  });
  return query.data?.items ?? [];
};

function RulePanel({ onClose }: { onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const sources = useSourceList();
  const [eventName, setName] = useState('');
  const [sourceId, setSource] = useState('');
  const [days, setDays] = useState('365');
  const rule = { eventName: eventName.trim() || null, sourceId: sourceId || null, days: Number(days) };
  const preview = useMutation({ mutationFn: () => privacyApi.previewRule(rule) });
  const save = useMutation({
    mutationFn: () => privacyApi.setRule(rule),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ['privacy', 'retention'] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const changed =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      preview.reset();
      set(value);
    };
  const found = preview.data;
  return (
    <SidePanel title={t('privacy.retention.add')} sub={t('privacy.retention.addHint')} onClose={onClose}>
      <form onSubmit={submit}>
        <Stack gap={18}>
          {save.error || preview.error ? (
            <Refusal title={t('privacy.notSaved')} error={save.error ?? preview.error} />
          ) : null}
          <TextField
            label={t('privacy.retention.event')}
            hint={t('privacy.retention.eventHint')}
            value={eventName}
            onChange={changed(setName)}
            autoFocus
          />
          <SelectField
            label={t('privacy.retention.source')}
            value={sourceId}
            choices={[
              { value: '', label: t('privacy.retention.allSources') },
              ...sources.map((source) => ({ value: source.id, label: source.name })),
            ]}
            onChange={changed(setSource)}
          />
          <TextField label={t('privacy.retention.days')} value={days} onChange={changed(setDays)} required />
          {found ? (
            <p role="status">
              {found.events === 0
                ? t('privacy.retention.nothing')
                : t('privacy.retention.would', {
                    count: found.events,
                    people: formatNumber(found.people),
                    total: formatNumber(found.of),
                  })}
            </p>
          ) : null}
          <Row>
            {found ? (
              <Button type="submit" look="main" busy={save.isPending}>
                {t('privacy.save')}
              </Button>
            ) : (
              <Button look="main" busy={preview.isPending} onClick={() => preview.mutate()}>
                {t('privacy.retention.look')}
              </Button>
            )}
          </Row>
        </Stack>
      </form>
    </SidePanel>
  );
}

export function Retention() {
  const t = useText();
  const url = useUrlState();
  const queries = useQueryClient();
  const { nameOf } = useSources();
  const mayWrite = useMay('privacy.write');
  const query = useQuery({ queryKey: ['privacy', 'retention'], queryFn: privacyApi.rules });
  const remove = useMutation({
    mutationFn: (rule: RetentionRule) => privacyApi.removeRule(rule.id),
    onSettled: () => queries.invalidateQueries({ queryKey: ['privacy', 'retention'] }),
  });
  return (
    <>
      {remove.error ? <Refusal title={t('privacy.notSaved')} error={remove.error} /> : null}
      <Listing
        label={t('privacy.retention.tab')}
        hint={t('privacy.retention.addHint')}
        query={query}
        rows={query.data?.items ?? []}
        keyOf={(rule) => rule.id}
        icon={<IconHistory size={30} stroke={1.5} aria-hidden />}
        empty={{ title: t('privacy.retention.emptyTitle'), text: t('privacy.retention.emptyText') }}
        action={
          mayWrite ? (
            <Button look="main" icon={<IconPlus size={16} />} onClick={() => url.set({ open: 'new' }, true)}>
              {t('privacy.retention.add')}
            </Button>
          ) : null
        }
        columns={[
          {
            name: t('privacy.retention.event'),
            cell: (rule) => <strong>{rule.eventName ?? t('privacy.retention.allEvents')}</strong>,
          },
          {
            name: t('privacy.retention.source'),
            cell: (rule) => (rule.sourceId ? nameOf(rule.sourceId) : t('privacy.retention.allSources')),
          },
          { name: t('privacy.retention.days'), number: true, cell: (rule) => <Num value={rule.days} /> },
          { name: t('privacy.retention.ran'), room: 'wide', cell: (rule) => <Time at={rule.ranAt} /> },
          {
            name: t('privacy.retention.removed'),
            number: true,
            room: 'medium',
            cell: (rule) => <Num value={rule.removed} />,
          },
          {
            name: t('privacy.actions'),
            number: true,
            cell: (rule) =>
              mayWrite ? (
                <ConfirmButton
                  question={t('privacy.retention.removeQuestion')}
                  confirm={t('privacy.retention.remove')}
                  onConfirm={() => remove.mutate(rule)}
                >
                  {t('privacy.retention.remove')}
                </ConfirmButton>
              ) : null,
          },
        ]}
      />
      {mayWrite && url.get('open') ? <RulePanel onClose={() => url.set({ open: null })} /> : null}
    </>
  );
}
