import { IconDownload } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button, CopyButton } from '../../kit/button.tsx';
import { Tag } from '../../kit/data.tsx';
import { PasswordField, TextField } from '../../kit/field.tsx';
import { late } from '../../kit/late.tsx';
import { Card, Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal, Skeleton } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useText } from '../../text.tsx';
import { inWords } from '../entry/refused.ts';
import styles from './account.module.css';
import { accountCalls, type Security } from './calls.ts';

const QrCode = late(
  () => import('./qr-code.tsx').then((part) => part.QrCode),
  () => <Skeleton width={208} height={208} />,
);

export type FactorStep = 'app' | 'codes' | 'off';

/** The authenticator app: whether there is one, and the ways to change that. */
export function SecondFactorCard({ security, onOpen }: { security: Security; onOpen: (step: FactorStep) => void }) {
  const t = useText();
  return (
    <Card title={t('account.app')} hint={t('account.appHint')}>
      <div className={styles.line}>
        <span>
          {security.secondFactor ? (
            <Tag tone="good">{t('account.appOn')}</Tag>
          ) : (
            <Tag tone="warn">{t('account.appOff')}</Tag>
          )}
        </span>
        {security.secondFactor ? (
          <Row>
            <Button onClick={() => onOpen('codes')}>{t('account.newCodes')}</Button>
            <Button onClick={() => onOpen('off')}>{t('account.turnOff')}</Button>
          </Row>
        ) : security.password ? (
          <Button look="main" onClick={() => onOpen('app')}>
            {t('account.setUp')}
          </Button>
        ) : (
          <span className={styles.dim}>{t('account.noPassword')}</span>
        )}
      </div>
    </Card>
  );
}

function BackupCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const t = useText();
  const text = `${codes.join('\n')}\n`;
  const download = () => {
    const link = document.createElement('a');
    const address = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
    link.href = address;
    link.download = 'throughline-backup-codes.txt';
    link.click();
    URL.revokeObjectURL(address);
  };
  return (
    <Stack gap={16}>
      <p>{t('account.codesHint')}</p>
      <ul className={styles.codes} aria-label={t('account.codes')} dir="ltr">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Row>
        <CopyButton value={text} label={t('account.codes')} text={t('account.copyCodes')} />
        <Button icon={<IconDownload size={16} />} onClick={download}>
          {t('account.download')}
        </Button>
      </Row>
      <div>
        <Button look="main" onClick={onDone}>
          {t('account.kept')}
        </Button>
      </div>
    </Stack>
  );
}

/** The key inside the address that authenticator apps read, in groups of four for who types it. */
const keyOf = (uri: string) => (new URL(uri).searchParams.get('secret') ?? '').replace(/(.{4})(?=.)/g, '$1 ');

/** Sets up an authenticator app, gives new backup codes, or turns it off; each asks for the password first. */
export function SecondFactorPanel({ step, onClose }: { step: FactorStep; onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const [codes, setCodes] = useState<string[] | null>(null);
  const refresh = () =>
    Promise.all(['me', 'security', 'my-sessions'].map((key) => queries.invalidateQueries({ queryKey: [key] })));
  const begin = useMutation({ mutationFn: () => accountCalls.beginApp(password) });
  const verify = useMutation({
    mutationFn: () => accountCalls.verifyApp(code.replace(/\s/g, '')),
    onSuccess: () => {
      setCodes(begin.data?.backupCodes ?? []);
      return refresh();
    },
    onError: () => setCode(''),
  });
  const renew = useMutation({
    mutationFn: () => accountCalls.newBackupCodes(password),
    onSuccess: (answer) => setCodes(answer.backupCodes),
  });
  const turnOff = useMutation({
    mutationFn: () => accountCalls.removeApp(password),
    onSuccess: async () => {
      toast(t('account.turnedOff'));
      await refresh();
      onClose();
    },
  });
  const first = step === 'app' ? begin : step === 'codes' ? renew : turnOff;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (begin.data) verify.mutate();
    else first.mutate();
  };
  const title = step === 'app' ? t('account.setUp') : step === 'codes' ? t('account.newCodes') : t('account.turnOff');
  const hint =
    step === 'app' ? t('account.setUpHint') : step === 'codes' ? t('account.newCodesHint') : t('account.turnOffHint');
  return (
    <SidePanel title={codes ? t('account.codes') : title} sub={codes || begin.data ? null : hint} onClose={onClose}>
      {codes ? <BackupCodes codes={codes} onDone={onClose} /> : null}
      {!codes && !begin.data ? (
        <form onSubmit={submit}>
          <Stack gap={16}>
            {first.error ? <Refusal title={t('account.notChanged')} error={inWords(first.error, t)} /> : null}
            <PasswordField
              label={t('account.yourPassword')}
              autoComplete="current-password"
              value={password}
              onChange={setPassword}
              required
              autoFocus
            />
            <div>
              <Button type="submit" look={step === 'off' ? 'danger' : 'main'} busy={first.isPending}>
                {step === 'off' ? t('account.turnOff') : t('account.goOn')}
              </Button>
            </div>
          </Stack>
        </form>
      ) : null}
      {!codes && begin.data ? (
        <form onSubmit={submit}>
          <ol className={styles.steps}>
            <li>
              <Stack gap={10}>
                <p>{t('account.scan')}</p>
                <QrCode text={begin.data.totpURI} />
                <p className={styles.dim}>{t('account.orType')}</p>
                <div className={styles.key} dir="ltr">
                  <code>{keyOf(begin.data.totpURI)}</code>
                  <CopyButton value={keyOf(begin.data.totpURI)} label={t('account.textKey')} />
                </div>
              </Stack>
            </li>
            <li>
              <Stack gap={12}>
                {verify.error ? <Refusal title={t('account.codeWrong')} error={inWords(verify.error, t)} /> : null}
                <TextField
                  label={t('account.typeCode')}
                  name="code"
                  autoComplete="one-time-code"
                  digits
                  value={code}
                  onChange={setCode}
                  required
                />
                <div>
                  <Button type="submit" look="main" busy={verify.isPending}>
                    {t('account.verify')}
                  </Button>
                </div>
              </Stack>
            </li>
          </ol>
        </form>
      ) : null}
    </SidePanel>
  );
}
