import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Link, useNavigate } from 'react-router';
import { ApiRefusal } from '../../api.ts';
import { Button } from '../../kit/button.tsx';
import { Time } from '../../kit/data.tsx';
import { TextField } from '../../kit/field.tsx';
import { Stack } from '../../kit/layout.tsx';
import { Loading, Refusal, Skeleton } from '../../kit/states.tsx';
import { Rich, useText } from '../../text.tsx';
import { roleName } from '../staff/role-name.ts';
import { entryCalls } from './calls.ts';
import styles from './entry.module.css';
import { Entry } from './entry.tsx';
import { NewPasswordField, SHORTEST_PASSWORD } from './new-password.tsx';

/** Where an invitation's link leads: who invites to what, then a name and a password, and one is in. */
export function JoinPage() {
  const t = useText();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [token] = useState(() => location.hash.slice(1));
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const look = useQuery({
    queryKey: ['invitation', token],
    queryFn: () => entryCalls.invitation(token),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const options = useQuery({ queryKey: ['sign-in-options'], queryFn: entryCalls.options, retry: false });
  const accept = useMutation({
    mutationFn: () => entryCalls.accept({ token, name: name.trim(), password }),
    onSuccess: () => {
      queries.clear();
      navigate('/', { replace: true });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (password.length >= SHORTEST_PASSWORD) accept.mutate();
  };
  const invitation = look.data;
  if (!invitation) {
    const gone = look.error instanceof ApiRefusal && look.error.status === 400;
    return (
      <Entry title={t('join.title')} lead={gone ? t('join.goneLead') : ''}>
        {look.isPending ? (
          <Loading>
            <Skeleton height={120} />
          </Loading>
        ) : null}
        {gone ? (
          <Stack gap={10}>
            <p className={styles.note}>{t('join.goneUsed')}</p>
            <p className={styles.note}>{t('join.goneOld')}</p>
            <Link className={styles.aside} to="/sign-in">
              {t('signIn.back')}
            </Link>
          </Stack>
        ) : null}
        {look.error && !gone ? (
          <Refusal title={t('join.failed')} error={look.error} onRetry={() => look.refetch()} />
        ) : null}
      </Entry>
    );
  }
  const providers = options.data?.providers ?? [];
  return (
    <Entry
      title={invitation.company ? t('join.titleTo', { company: invitation.company }) : t('join.title')}
      lead={t('join.by', { name: invitation.invitedBy, role: roleName(invitation.roleName, invitation.roleName, t) })}
    >
      <form onSubmit={submit}>
        <Stack gap={14}>
          {accept.error ? <Refusal title={t('join.notAccepted')} error={accept.error} /> : null}
          <p className={styles.note}>
            <Rich k="join.as" values={{ email: <b>{invitation.email}</b> }} />
          </p>
          {/* Password managers keep the password under this. */}
          <input type="hidden" name="username" autoComplete="username" value={invitation.email} readOnly />
          <TextField
            label={t('setup.name')}
            name="name"
            autoComplete="name"
            value={name}
            onChange={setName}
            required
            autoFocus
          />
          <NewPasswordField label={t('setup.password')} value={password} onChange={setPassword} />
          <Button type="submit" look="main" wide busy={accept.isPending}>
            {t('join.submit')}
          </Button>
          <p className={styles.note}>
            <Rich k="join.until" values={{ when: <Time at={invitation.expiresAt} /> }} />
          </p>
        </Stack>
      </form>
      {providers.length > 0 ? (
        <div className={styles.others}>
          <p className={styles.or}>{t('join.orThrough')}</p>
          {providers.map((provider) => (
            <Button key={provider.id} wide onClick={() => location.assign(provider.startUrl)}>
              {t('signIn.through', { name: provider.name })}
            </Button>
          ))}
        </div>
      ) : null}
    </Entry>
  );
}
