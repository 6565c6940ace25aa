import { IconFileText, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Time } from '../../kit/data.tsx';
import { CodeField, SelectField, TextField } from '../../kit/field.tsx';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useMay } from '../../session.tsx';
import { currentLanguage, LANGUAGES, type Language, useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { privacyApi } from './calls.ts';
import { Listing } from './listing.tsx';

function TextPanel({ onClose }: { onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const purposes = useQuery({ queryKey: ['privacy', 'purposes'], queryFn: privacyApi.purposes });
  const choices = (purposes.data?.items ?? [])
    .filter((one) => !one.archived)
    .map((one) => ({ value: one.key, label: one.name }));
  const [purpose, setPurpose] = useState('');
  const [version, setVersion] = useState('');
  const [language, setLanguage] = useState<string>(currentLanguage());
  const [body, setBody] = useState('');
  const of = purpose || choices[0]?.value || '';
  const publish = useMutation({
    mutationFn: () => privacyApi.publishText({ purpose: of, version: version.trim(), language, body }),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ['privacy', 'texts'] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    publish.mutate();
  };
  return (
    <SidePanel title={t('privacy.texts.add')} sub={t('privacy.texts.addHint')} onClose={onClose}>
      <form onSubmit={submit}>
        <Stack gap={18}>
          {purposes.error ? <Refusal title={t('privacy.failed')} error={purposes.error} /> : null}
          {publish.error ? <Refusal title={t('privacy.notSaved')} error={publish.error} /> : null}
          <SelectField label={t('privacy.texts.of')} value={of} choices={choices} onChange={setPurpose} />
          <TextField label={t('privacy.texts.version')} value={version} onChange={setVersion} required autoFocus />
          <SelectField
            label={t('privacy.texts.language')}
            value={language}
            choices={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
            onChange={setLanguage}
          />
          <CodeField label={t('privacy.texts.body')} value={body} onChange={setBody} required />
          <Button type="submit" look="main" busy={publish.isPending} disabled={of === ''}>
            {t('privacy.texts.publish')}
          </Button>
        </Stack>
      </form>
    </SidePanel>
  );
}

export function Texts() {
  const t = useText();
  const url = useUrlState();
  const mayWrite = useMay('privacy.write');
  const query = useQuery({ queryKey: ['privacy', 'texts'], queryFn: privacyApi.texts });
  return (
    <>
      <Listing
        label={t('privacy.texts.tab')}
        hint={t('privacy.texts.addHint')}
        query={query}
        rows={query.data?.items ?? []}
        keyOf={(text) => text.id}
        icon={<IconFileText size={30} stroke={1.5} aria-hidden />}
        empty={{ title: t('privacy.texts.emptyTitle'), text: t('privacy.texts.emptyText') }}
        action={
          mayWrite ? (
            <Button look="main" icon={<IconPlus size={16} />} onClick={() => url.set({ open: 'new' }, true)}>
              {t('privacy.texts.add')}
            </Button>
          ) : null
        }
        columns={[
          { name: t('privacy.texts.of'), cell: (text) => <strong>{text.purpose}</strong> },
          { name: t('privacy.texts.version'), cell: (text) => text.version },
          { name: t('privacy.texts.language'), cell: (text) => LANGUAGES[text.language as Language] ?? text.language },
          { name: t('privacy.texts.body'), long: true, room: 'medium', cell: (text) => text.body },
          { name: t('privacy.when'), room: 'wide', cell: (text) => <Time at={text.createdAt} /> },
        ]}
      />
      {mayWrite && url.get('open') ? <TextPanel onClose={() => url.set({ open: null })} /> : null}
    </>
  );
}
