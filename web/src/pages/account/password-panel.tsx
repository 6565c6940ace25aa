import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { PasswordField } from '../../kit/field.tsx';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useText } from '../../text.tsx';
import { NewPasswordField, SHORTEST_PASSWORD } from '../entry/new-password.tsx';
import { inWords } from '../entry/refused.ts';
import { accountCalls } from './calls.ts';

/** Another password; all other sessions end with it. */
export function PasswordPanel({ onClose }: { onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const [before, setBefore] = useState('');
  const [password, setPassword] = useState('');
  const change = useMutation({
    mutationFn: () => accountCalls.changePassword(before, password),
    onSuccess: () => {
      toast(t('account.passwordChanged'));
      queries.invalidateQueries({ queryKey: ['my-sessions'] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (password.length >= SHORTEST_PASSWORD) change.mutate();
  };
  return (
    <SidePanel title={t('account.changePassword')} sub={t('account.changePasswordHint')} onClose={onClose}>
      <form onSubmit={submit}>
        <Stack gap={16}>
          {change.error ? <Refusal title={t('account.notChanged')} error={inWords(change.error, t)} /> : null}
          <PasswordField
            label={t('account.yourPassword')}
            autoComplete="current-password"
            value={before}
            onChange={setBefore}
            required
            autoFocus
          />
          <NewPasswordField label={t('account.newPassword')} value={password} onChange={setPassword} />
          <div>
            <Button type="submit" look="main" busy={change.isPending}>
              {t('account.changePassword')}
            </Button>
          </div>
        </Stack>
      </form>
    </SidePanel>
  );
}
