import { IconShieldLock } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Pairs, Tag } from '../../kit/data.tsx';
import { TextField } from '../../kit/field.tsx';
import { Card, Page, Stack } from '../../kit/layout.tsx';
import { Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useMe } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { signInWithPasskey } from '../entry/passkey.ts';
import { roleName } from '../staff/role-name.ts';
import styles from './account.module.css';
import { accountCalls, type Security } from './calls.ts';
import { OwnSessions } from './own-sessions.tsx';
import { AddPasskeyPanel, PasskeysCard } from './passkeys.tsx';
import { PasswordPanel } from './password-panel.tsx';
import { type FactorStep, SecondFactorCard, SecondFactorPanel } from './second-factor.tsx';

function NameCard() {
  const t = useText();
  const me = useMe();
  const queries = useQueryClient();
  const [name, setName] = useState(me.name);
  const save = useMutation({
    mutationFn: () => accountCalls.rename(name.trim()),
    onSuccess: () => {
      toast(t('account.renamed'));
      return queries.invalidateQueries({ queryKey: ['me'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Card title={t('account.you')}>
      <Stack gap={16}>
        {save.error ? <Refusal title={t('account.notChanged')} error={save.error} /> : null}
        <form className={styles.name} onSubmit={submit}>
          <TextField label={t('account.name')} autoComplete="name" value={name} onChange={setName} required />
          <Button type="submit" busy={save.isPending} disabled={name.trim() === '' || name.trim() === me.name}>
            {t('kit.save')}
          </Button>
        </form>
        <Pairs
          rows={[
            [t('account.email'), me.email ?? ''],
            [t('account.role'), <Tag key="role">{roleName(me.role, me.roleName, t)}</Tag>],
          ]}
        />
      </Stack>
    </Card>
  );
}

/** Said where the company asks for a second factor and there is none: until there is, nothing else opens. */
function Missing({ security }: { security: Security | undefined }) {
  const t = useText();
  const queries = useQueryClient();
  const prove = useMutation({
    mutationFn: () => signInWithPasskey(new AbortController().signal),
    onSuccess: (done) => done && queries.invalidateQueries(),
  });
  return (
    <section className={styles.notice} aria-labelledby="second-factor-missing">
      <IconShieldLock size={20} aria-hidden />
      <Stack gap={8}>
        <h2 id="second-factor-missing">{t('account.missing')}</h2>
        <p>{security && security.passkeys > 0 ? t('account.missingPasskey') : t('account.missingHint')}</p>
        {prove.error ? <Refusal title={t('account.notChanged')} error={prove.error} /> : null}
        {security && security.passkeys > 0 ? (
          <div>
            <Button busy={prove.isPending} onClick={() => prove.mutate()}>
              {t('account.signInWith')}
            </Button>
          </div>
        ) : null}
      </Stack>
    </section>
  );
}

const STEPS = ['app', 'codes', 'off'] as const satisfies readonly FactorStep[];

/** One's own account: name, ways to sign in, and where one is signed in. */
export function AccountPage() {
  const t = useText();
  const url = useUrlState();
  const me = useMe();
  const query = useQuery({ queryKey: ['security'], queryFn: accountCalls.security });
  const security = query.data;
  const open = url.get('open');
  const close = () => url.set({ open: null });
  const step = STEPS.find((one) => one === open);
  return (
    <Page title={t('account.title')} purpose={t('account.purpose')}>
      <div className={styles.page}>
        {me.secondFactorMissing ? <Missing security={security} /> : null}
        <NameCard />
        <UntilLoaded query={query} failed={t('account.failed')}>
          <Skeleton height={120} />
        </UntilLoaded>
        {security ? (
          <>
            <Card title={t('account.password')}>
              <div className={styles.line}>
                <span className={styles.dim}>
                  {security.password ? t('account.passwordHint') : t('account.noPassword')}
                  {security.singleSignOn.length > 0
                    ? ` ${t('account.through', { names: security.singleSignOn.join(', ') })}`
                    : ''}
                </span>
                {security.password ? (
                  <Button onClick={() => url.set({ open: 'password' }, true)}>{t('account.changePassword')}</Button>
                ) : null}
              </div>
            </Card>
            <SecondFactorCard security={security} onOpen={(one) => url.set({ open: one }, true)} />
            <PasskeysCard onAdd={() => url.set({ open: 'passkey' }, true)} />
          </>
        ) : null}
        <OwnSessions />
      </div>
      {step ? <SecondFactorPanel key={step} step={step} onClose={close} /> : null}
      {open === 'passkey' ? <AddPasskeyPanel onAdded={close} onClose={close} /> : null}
      {open === 'password' ? <PasswordPanel onClose={close} /> : null}
    </Page>
  );
}
