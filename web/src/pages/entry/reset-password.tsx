import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Link } from 'react-router';
import { Button, LinkButton } from '../../kit/button.tsx';
import { Stack } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { entryCalls } from './calls.ts';
import styles from './entry.module.css';
import { Entry } from './entry.tsx';
import { NewPasswordField, SHORTEST_PASSWORD } from './new-password.tsx';
import { inWords } from './refused.ts';

/** The end of a link by mail: a new password. What stands after the # never reaches a server's log. */
export function ResetPasswordPage() {
  const t = useText();
  const [token] = useState(() => location.hash.slice(1));
  const [password, setPassword] = useState('');
  const reset = useMutation({ mutationFn: () => entryCalls.reset(token, password) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (password.length >= SHORTEST_PASSWORD) reset.mutate();
  };
  if (reset.isSuccess) {
    return (
      <Entry title={t('signIn.resetDoneTitle')} lead={t('signIn.resetDone')}>
        <LinkButton look="main" to="/sign-in">
          {t('signIn.submit')}
        </LinkButton>
      </Entry>
    );
  }
  return (
    <Entry title={t('signIn.resetTitle')} lead={t('signIn.resetLead')}>
      <form onSubmit={submit}>
        <Stack gap={14}>
          {reset.error ? (
            <>
              <Refusal title={t('signIn.notReset')} error={inWords(reset.error, t)} />
              <Link className={styles.aside} to="/forgotten-password">
                {t('signIn.newLink')}
              </Link>
            </>
          ) : null}
          <NewPasswordField label={t('signIn.newPassword')} value={password} onChange={setPassword} autoFocus />
          <Button type="submit" look="main" wide busy={reset.isPending}>
            {t('signIn.setPassword')}
          </Button>
        </Stack>
      </form>
    </Entry>
  );
}
