import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Tag } from '../../kit/data.tsx';
import { SelectField, TextField } from '../../kit/field.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { BASES, type LegalBasis, type Purpose, privacyApi } from './calls.ts';
import { Listing } from './listing.tsx';

function PurposePanel({ purpose, onClose }: { purpose: Purpose | null; onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const [key, setKey] = useState('');
  const [name, setName] = useState(purpose?.name ?? '');
  const [description, setDescription] = useState(purpose?.description ?? '');
  const [legalBasis, setBasis] = useState<LegalBasis>(purpose?.legalBasis ?? 'consent');
  const save = useMutation({
    mutationFn: (change: { archived?: boolean }) => {
      const input = { name: name.trim(), description: description.trim(), legalBasis };
      return purpose
        ? privacyApi.changePurpose(purpose.key, { ...input, ...change })
        : privacyApi.addPurpose({ ...input, key: key.trim() });
    },
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ['privacy', 'purposes'] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate({});
  };
  return (
    <SidePanel
      title={purpose ? t('privacy.purposes.change') : t('privacy.purposes.add')}
      sub={purpose?.key}
      onClose={onClose}
    >
      <form onSubmit={submit}>
        <Stack gap={18}>
          {save.error ? <Refusal title={t('privacy.notSaved')} error={save.error} /> : null}
          {purpose ? null : (
            <TextField
              label={t('privacy.purposes.key')}
              hint={t('privacy.purposes.keyHint')}
              value={key}
              onChange={setKey}
              required
              autoFocus
            />
          )}
          <TextField
            label={t('privacy.purposes.name')}
            value={name}
            onChange={setName}
            required
            autoFocus={purpose !== null}
          />
          <TextField label={t('privacy.purposes.description')} value={description} onChange={setDescription} />
          <SelectField
            label={t('privacy.purposes.basis')}
            value={legalBasis}
            choices={BASES.map((basis) => ({ value: basis, label: t(`privacy.basis.${basis}`) }))}
            onChange={(chosen) => setBasis(chosen as LegalBasis)}
          />
          <Row>
            <Button type="submit" look="main" busy={save.isPending}>
              {t('privacy.save')}
            </Button>
            {purpose ? (
              <Button onClick={() => save.mutate({ archived: !purpose.archived })}>
                {purpose.archived ? t('privacy.purposes.restore') : t('privacy.purposes.archive')}
              </Button>
            ) : null}
          </Row>
        </Stack>
      </form>
    </SidePanel>
  );
}

export function Purposes() {
  const t = useText();
  const url = useUrlState();
  const mayWrite = useMay('privacy.write');
  const query = useQuery({ queryKey: ['privacy', 'purposes'], queryFn: privacyApi.purposes });
  const rows = query.data?.items ?? [];
  const open = url.get('open');
  const chosen = rows.find((purpose) => purpose.key === open) ?? null;
  return (
    <>
      <Listing
        label={t('privacy.purposes.tab')}
        query={query}
        rows={rows}
        keyOf={(purpose) => purpose.key}
        action={
          mayWrite ? (
            <Button look="main" icon={<IconPlus size={16} />} onClick={() => url.set({ open: 'new' }, true)}>
              {t('privacy.purposes.add')}
            </Button>
          ) : null
        }
        columns={[
          {
            name: t('privacy.purposes.name'),
            cell: (purpose) => (
              <>
                <strong>{purpose.name}</strong> {purpose.archived ? <Tag>{t('privacy.purposes.archived')}</Tag> : null}
                <br />
                <code style={{ color: 'var(--ink-dim)', fontSize: '0.8125rem' }}>{purpose.key}</code>
              </>
            ),
          },
          { name: t('privacy.purposes.description'), long: true, room: 'wide', cell: (purpose) => purpose.description },
          {
            name: t('privacy.purposes.basis'),
            cell: (purpose) => (
              <Tag tone={purpose.needsConsent ? 'accent' : 'plain'}>{t(`privacy.basis.${purpose.legalBasis}`)}</Tag>
            ),
          },
          {
            name: t('privacy.actions'),
            number: true,
            cell: (purpose) =>
              mayWrite ? (
                <Button small onClick={() => url.set({ open: purpose.key }, true)}>
                  {t('privacy.purposes.change')}
                </Button>
              ) : null,
          },
        ]}
      />
      {mayWrite && (chosen || open === 'new') ? (
        <PurposePanel key={open} purpose={chosen} onClose={() => url.set({ open: null })} />
      ) : null}
    </>
  );
}
