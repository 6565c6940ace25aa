import { IconFingerprint, IconPencil, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiRefusal } from '../../api.ts';
import { Button, ConfirmButton, IconButton } from '../../kit/button.tsx';
import { Tag, Time } from '../../kit/data.tsx';
import { PasswordField, TextField } from '../../kit/field.tsx';
import { Card, Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Loading, Refusal, Skeleton } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { Rich, useText } from '../../text.tsx';
import { canUsePasskeys } from '../entry/passkey.ts';
import styles from './account.module.css';
import { accountCalls, type Passkey } from './calls.ts';

/** Passkeys: with one of them neither password nor code is needed. */
export function PasskeysCard({ onAdd }: { onAdd: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const [renaming, setRenaming] = useState<string | null>(null);
  const list = useQuery({ queryKey: ['passkeys'], queryFn: accountCalls.passkeys });
  const refresh = () =>
    Promise.all(['passkeys', 'security'].map((key) => queries.invalidateQueries({ queryKey: [key] })));
  const remove = useMutation({
    mutationFn: (passkey: Passkey) => accountCalls.removePasskey(passkey.id),
    onSuccess: (_answer, passkey) => toast(t('account.passkeyGone', { name: passkey.name })),
    onSettled: refresh,
  });
  const rename = useMutation({
    mutationFn: ({ passkey, name }: { passkey: Passkey; name: string }) => accountCalls.renamePasskey(passkey.id, name),
    onSuccess: () => setRenaming(null),
    onSettled: refresh,
  });
  const rows = list.data?.items ?? [];
  const error = remove.error ?? rename.error;
  return (
    <Card
      title={t('account.passkeys')}
      hint={t('account.passkeysHint')}
      action={
        canUsePasskeys() ? (
          <Button small icon={<IconPlus size={15} />} onClick={onAdd}>
            {t('account.addPasskey')}
          </Button>
        ) : null
      }
    >
      {error ? <Refusal title={t('account.notChanged')} error={error} /> : null}
      {list.error ? <Refusal title={t('account.failed')} error={list.error} onRetry={() => list.refetch()} /> : null}
      {list.isPending ? (
        <Loading>
          <Skeleton height={36} />
        </Loading>
      ) : null}
      {list.isSuccess && rows.length === 0 ? (
        <p className={styles.dim}>{canUsePasskeys() ? t('account.noPasskeys') : t('account.noPasskeysHere')}</p>
      ) : null}
      <ul>
        {rows.map((passkey) => (
          <li key={passkey.id} className={styles.passkey}>
            <IconFingerprint size={20} stroke={1.6} aria-hidden />
            {renaming === passkey.id ? (
              <RenameForm
                passkey={passkey}
                busy={rename.isPending}
                onSave={(name) => rename.mutate({ passkey, name })}
                onCancel={() => setRenaming(null)}
              />
            ) : (
              <>
                <span>
                  <bdi>{passkey.name}</bdi> {passkey.backedUp ? <Tag>{t('account.synced')}</Tag> : null}
                  <br />
                  <span className={styles.dim}>
                    {passkey.lastUsedAt ? (
                      <Rich k="account.used" values={{ when: <Time at={passkey.lastUsedAt} /> }} />
                    ) : (
                      t('account.neverUsed')
                    )}
                  </span>
                </span>
                <IconButton
                  small
                  label={t('account.renameNamed', { name: passkey.name })}
                  onClick={() => setRenaming(passkey.id)}
                >
                  <IconPencil size={16} />
                </IconButton>
                <ConfirmButton
                  question={t('account.removeQuestion')}
                  confirm={t('account.removePasskey')}
                  onConfirm={() => remove.mutate(passkey)}
                >
                  {t('account.removePasskey')}
                </ConfirmButton>
              </>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}

function RenameForm({
  passkey,
  busy,
  onSave,
  onCancel,
}: {
  passkey: Passkey;
  busy: boolean;
  onSave: (name: string) => void;
  onCancel: () => void;
}) {
  const t = useText();
  const [name, setName] = useState(passkey.name);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSave(name.trim());
  };
  return (
    <form onSubmit={submit}>
      <Row>
        <TextField hideLabel label={t('account.passkeyName')} value={name} onChange={setName} required autoFocus />
        <Button small type="submit" busy={busy}>
          {t('kit.save')}
        </Button>
        <Button small look="quiet" onClick={onCancel}>
          {t('kit.cancel')}
        </Button>
      </Row>
    </form>
  );
}

/** What the person called off is said as such: the browser tells nothing more. */
class CalledOff extends Error {}

/** Makes a passkey in this browser, and keeps it under a name. Asks for the password where the sign-in is a while ago. */
export function AddPasskeyPanel({ onAdded, onClose }: { onAdded: () => void; onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [asked, setAsked] = useState(false);
  const add = useMutation({
    mutationFn: async () => {
      const options = await accountCalls.passkeyOptions(asked ? password : undefined);
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
      const made = await navigator.credentials.create({ publicKey }).catch((error: unknown) => {
        if (error instanceof DOMException && error.name === 'InvalidStateError')
          throw new CalledOff(t('account.hasPasskey'));
        if (error instanceof DOMException) throw new CalledOff(t('account.calledOff'));
        throw error;
      });
      if (!(made instanceof PublicKeyCredential)) throw new CalledOff(t('account.calledOff'));
      return accountCalls.addPasskey(name.trim(), made.toJSON());
    },
    onSuccess: (passkey) => {
      toast(t('account.passkeyAdded', { name: passkey.name }));
      onAdded();
      for (const key of ['passkeys', 'security']) queries.invalidateQueries({ queryKey: [key] });
    },
    onError: (error) => {
      if (error instanceof ApiRefusal && error.code === 'sign_in_again') setAsked(true);
    },
  });
  const again = add.error instanceof ApiRefusal && add.error.code === 'sign_in_again' && password === '';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <SidePanel title={t('account.addPasskey')} sub={t('account.addPasskeyHint')} onClose={onClose}>
      <form onSubmit={submit}>
        <Stack gap={16}>
          {add.error && !again ? <Refusal title={t('account.notAdded')} error={add.error} /> : null}
          <TextField
            label={t('account.passkeyName')}
            hint={t('account.passkeyNameHint')}
            value={name}
            onChange={setName}
            required
            autoFocus
          />
          {asked ? (
            <PasswordField
              label={t('account.yourPassword')}
              hint={t('account.whileAgo')}
              autoComplete="current-password"
              value={password}
              onChange={setPassword}
              required
              autoFocus
            />
          ) : null}
          <div>
            <Button type="submit" look="main" busy={add.isPending}>
              {t('account.goOn')}
            </Button>
          </div>
        </Stack>
      </form>
    </SidePanel>
  );
}
