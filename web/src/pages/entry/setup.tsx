import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Navigate, useNavigate } from 'react-router';
import { api } from '../../api.ts';
import { Button } from '../../kit/button.tsx';
import { PasswordField, TextField } from '../../kit/field.tsx';
import { Stack } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { Entry } from './entry.tsx';

const SHORTEST_PASSWORD = 8;

/** What the server printed at its start, where the link of its output was opened. */
const tokenOfLink = () => new URLSearchParams(location.hash.slice(1)).get('token') ?? '';

/** First run: the company and its owner. */
export function SetupPage() {
  const t = useText();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [input, setInput] = useState({ company: '', name: '', email: '', password: '', token: tokenOfLink() });
  const needed = useQuery({ queryKey: ['setup'], queryFn: api.setupNeeded, retry: false });
  const setUp = useMutation({
    mutationFn: api.setUp,
    onSuccess: async () => {
      queries.clear();
      navigate('/people', { replace: true });
    },
  });
  const set = (name: keyof typeof input) => (value: string) => setInput((now) => ({ ...now, [name]: value }));
  const short = input.password.length > 0 && input.password.length < SHORTEST_PASSWORD;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { token, ...owner } = input;
    if (input.password.length >= SHORTEST_PASSWORD) setUp.mutate(token === '' ? owner : { ...owner, token });
  };

  if (needed.data?.needed === false && !setUp.isPending && !setUp.isSuccess) return <Navigate to="/" replace />;
  return (
    <Entry title={t('setup.title')} lead={t('setup.lead')}>
      <form onSubmit={submit}>
        <Stack gap={14}>
          {setUp.error ? <Refusal title={t('setup.failed')} error={setUp.error} /> : null}
          <TextField
            label={t('setup.company')}
            name="organization"
            autoComplete="organization"
            value={input.company}
            onChange={set('company')}
            required
            autoFocus
          />
          <TextField
            label={t('setup.name')}
            name="name"
            autoComplete="name"
            value={input.name}
            onChange={set('name')}
            required
          />
          <TextField
            label={t('setup.email')}
            name="email"
            type="email"
            autoComplete="email"
            value={input.email}
            onChange={set('email')}
            required
          />
          <PasswordField
            label={t('setup.password')}
            name="password"
            autoComplete="new-password"
            hint={t('setup.passwordHint', { count: SHORTEST_PASSWORD })}
            error={
              short && !setUp.isPending
                ? t('setup.passwordShort', { count: SHORTEST_PASSWORD - input.password.length })
                : null
            }
            value={input.password}
            onChange={set('password')}
            required
          />
          {needed.data?.tokenNeeded ? (
            <TextField
              label={t('setup.token')}
              hint={t('setup.tokenHint')}
              name="token"
              autoComplete="off"
              value={input.token}
              onChange={set('token')}
              required
            />
          ) : null}
          <Button type="submit" look="main" wide busy={setUp.isPending}>
            {t('setup.submit')}
          </Button>
        </Stack>
      </form>
    </Entry>
  );
}
