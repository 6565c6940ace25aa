import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Link } from 'react-router';
import { Button } from '../../kit/button.tsx';
import { TextField } from '../../kit/field.tsx';
import { Stack } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { currentLanguage, useText } from '../../text.tsx';
import { entryCalls } from './calls.ts';
import styles from './entry.module.css';
import { Entry } from './entry.tsx';
import { inWords, useWait } from './refused.ts';

/** Asks for a mail with a link; says the same whether there is such an account or not. */
export function ForgottenPage() {
  const t = useText();
  const [email, setEmail] = useState('');
  const options = useQuery({ queryKey: ['sign-in-options'], queryFn: entryCalls.options, retry: false });
  const send = useMutation({ mutationFn: () => entryCalls.askReset(email, currentLanguage()) });
  const wait = useWait(send.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wait === 0) send.mutate();
  };
  const back = (
    <Link className={styles.aside} to="/sign-in">
      {t('signIn.back')}
    </Link>
  );
  if (options.data?.passwordReset === false) {
    return (
      <Entry title={t('signIn.forgottenTitle')} lead={t('signIn.noMail')}>
        {back}
      </Entry>
    );
  }
  if (send.data) {
    return (
      <Entry title={t('signIn.sentTitle')} lead={t('signIn.sentLead', { email: send.data.email })}>
        <Stack gap={14}>
          <p className={styles.note}>{t('signIn.sentNote')}</p>
          {back}
        </Stack>
      </Entry>
    );
  }
  return (
    <Entry title={t('signIn.forgottenTitle')} lead={t('signIn.forgottenLead')}>
      <form onSubmit={submit}>
        <Stack gap={14}>
          {send.error ? <Refusal title={t('signIn.notSent')} error={inWords(send.error, t)} /> : null}
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
          <Button type="submit" look="main" wide busy={send.isPending} disabled={wait > 0}>
            {wait > 0 ? t('signIn.wait', { count: wait }) : t('signIn.send')}
          </Button>
          {back}
        </Stack>
      </form>
    </Entry>
  );
}
