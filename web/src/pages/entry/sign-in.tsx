import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { api } from '../../api.ts';
import { Button } from '../../kit/button.tsx';
import { PasswordField, TextField } from '../../kit/field.tsx';
import { Stack } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { Entry } from './entry.tsx';

/** Only a path of this console; anything else would let a link send people elsewhere after they sign in. */
function safeNext(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : '/';
}

export function SignInPage() {
  const t = useText();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [params] = useSearchParams();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const signIn = useMutation({
    mutationFn: api.signIn,
    onSuccess: () => {
      queries.clear();
      navigate(safeNext(params.get('next')), { replace: true });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate({ email, password });
  };
  return (
    <Entry title={t('signIn.title')} lead={t('signIn.lead')}>
      <form onSubmit={submit}>
        <Stack gap={14}>
          {signIn.error ? <Refusal title={t('signIn.failed')} error={signIn.error} /> : null}
          <TextField
            label={t('setup.email')}
            name="email"
            type="email"
            autoComplete="username"
            value={email}
            onChange={setEmail}
            required
            autoFocus
          />
          <PasswordField
            label={t('setup.password')}
            name="password"
            autoComplete="current-password"
            value={password}
            onChange={setPassword}
            required
          />
          <Button type="submit" look="main" wide busy={signIn.isPending}>
            {t('signIn.submit')}
          </Button>
        </Stack>
      </form>
    </Entry>
  );
}
