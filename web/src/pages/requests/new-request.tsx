import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { CodeField, SelectField, TextField } from '../../kit/field.tsx';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { currentLanguage, LANGUAGES, useText } from '../../text.tsx';
import { REQUEST_KINDS, type RequestKind, requestsApi } from './api.ts';

/** Enters a request that came by letter, telephone or in person. */
export function NewRequest({ onClose }: { onClose: (id?: string) => void }) {
  const t = useText();
  const queries = useQueryClient();
  const [kind, setKind] = useState<RequestKind>('access');
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [message, setMessage] = useState('');
  const [language, setLanguage] = useState<string>(currentLanguage());
  const enter = useMutation({
    mutationFn: () => requestsApi.enter({ kind, email: email.trim(), name, message, language }),
    onSuccess: (made) => {
      queries.invalidateQueries({ queryKey: ['requests'] });
      onClose(made.id);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate();
  };
  return (
    <SidePanel title={t('requests.enter')} sub={t('requests.enterHint')} onClose={() => onClose()}>
      <form onSubmit={submit}>
        <Stack gap={18}>
          {enter.error ? <Refusal title={t('requests.enterFailed')} error={enter.error} /> : null}
          <SelectField
            label={t('requests.what')}
            value={kind}
            choices={REQUEST_KINDS.map((value) => ({ value, label: t(`requests.kind.${value}`) }))}
            onChange={(value) => setKind(value as RequestKind)}
          />
          <TextField label={t('requests.email')} type="email" required value={email} onChange={setEmail} />
          <TextField label={t('requests.name')} value={name} onChange={setName} />
          <CodeField label={t('requests.message')} rows={4} value={message} onChange={setMessage} />
          <SelectField
            label={t('requests.language')}
            value={language}
            choices={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
            onChange={setLanguage}
          />
          <Button type="submit" look="main" busy={enter.isPending} disabled={email.trim() === ''}>
            {t('requests.enter')}
          </Button>
        </Stack>
      </form>
    </SidePanel>
  );
}
