import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { TextField } from '../../kit/field.tsx';
import { Stack } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { entryCalls } from './calls.ts';
import { Entry } from './entry.tsx';
import { inWords, useWait } from './refused.ts';

/** After the password: the code of the authenticator app, or a backup code where the device is not at hand. */
export function SecondStep({ onDone, onBack }: { onDone: () => void; onBack: () => void }) {
  const t = useText();
  const [backup, setBackup] = useState(false);
  const [code, setCode] = useState('');
  const verify = useMutation({
    mutationFn: () =>
      backup ? entryCalls.verifyBackupCode(code.trim()) : entryCalls.verifyCode(code.replace(/\s/g, '')),
    onSuccess: onDone,
    onError: () => setCode(''),
  });
  const wait = useWait(verify.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wait === 0) verify.mutate();
  };
  return (
    <Entry title={t('signIn.secondTitle')} lead={backup ? t('signIn.backupLead') : t('signIn.secondLead')}>
      <form onSubmit={submit}>
        <Stack gap={14}>
          {verify.error ? <Refusal title={t('signIn.codeFailed')} error={inWords(verify.error, t)} /> : null}
          <TextField
            key={backup ? 'backup' : 'code'}
            label={backup ? t('signIn.backupCode') : t('signIn.code')}
            name="code"
            autoComplete={backup ? 'off' : 'one-time-code'}
            digits={!backup}
            value={code}
            onChange={setCode}
            required
            autoFocus
          />
          <Button type="submit" look="main" wide busy={verify.isPending} disabled={wait > 0}>
            {wait > 0 ? t('signIn.wait', { count: wait }) : t('signIn.submit')}
          </Button>
          <Button
            look="quiet"
            wide
            onClick={() => {
              verify.reset();
              setCode('');
              setBackup(!backup);
            }}
          >
            {backup ? t('signIn.useCode') : t('signIn.useBackup')}
          </Button>
          <Button look="quiet" wide onClick={onBack}>
            {t('signIn.startAgain')}
          </Button>
        </Stack>
      </form>
    </Entry>
  );
}
