import { IconFingerprint, IconLogin2 } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { ApiRefusal } from '../../api.ts';
import { Button } from '../../kit/button.tsx';
import { PasswordField, TextField } from '../../kit/field.tsx';
import { Stack } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { entryCalls } from './calls.ts';
import styles from './entry.module.css';
import { Entry } from './entry.tsx';
import { canOfferPasskeys, canUsePasskeys, signInWithPasskey } from './passkey.ts';
import { hasWords, inWords, useWait } from './refused.ts';
import { SecondStep } from './second-step.tsx';

/** Only a path of this console; anything else would let a link send people elsewhere after they sign in. */
function safeNext(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : '/';
}

/** What a single sign-on brought back: a refusal by its code, of which a link can hold anything. */
function refusalOf(code: string | null): ApiRefusal | null {
  if (!code) return null;
  return new ApiRefusal(403, hasWords(code) ? code : 'sso_failed', '');
}

/** By password and, where there is one, a second step; with a passkey; or through the company's own sign-in. */
export function SignInPage() {
  const t = useText();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [params] = useSearchParams();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [second, setSecond] = useState(false);
  const [withPasskeys] = useState(canUsePasskeys);
  const offered = useRef<{ controller: AbortController; ended: Promise<unknown> }>(null);
  const options = useQuery({ queryKey: ['sign-in-options'], queryFn: entryCalls.options, retry: false });
  const next = safeNext(params.get('next'));
  const goOn = () => {
    queries.clear();
    navigate(next, { replace: true });
  };
  const signIn = useMutation({
    mutationFn: entryCalls.signIn,
    onSuccess: (answer) => (answer.twoFactorRedirect ? setSecond(true) : goOn()),
  });
  const passkey = useMutation({
    mutationFn: async () => {
      // A browser asks for one passkey at a time, and refuses another until the first has ended.
      offered.current?.controller.abort();
      await offered.current?.ended;
      return signInWithPasskey(new AbortController().signal);
    },
    onSuccess: (done) => done && goOn(),
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: offered once, while the page is open.
  useEffect(() => {
    const controller = new AbortController();
    const ended = canOfferPasskeys()
      .then((can) => can && !controller.signal.aborted && signInWithPasskey(controller.signal, true))
      .then((done) => done && goOn())
      // The button says what is wrong; this is only an offer.
      .catch(() => undefined);
    offered.current = { controller, ended };
    return () => controller.abort();
  }, []);
  const wait = useWait(signIn.error);
  const brought = signIn.isIdle && passkey.isIdle ? refusalOf(params.get('refused')) : null;
  const error = signIn.error ?? passkey.error ?? brought;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    passkey.reset();
    if (wait === 0) signIn.mutate({ email, password });
  };
  if (second) {
    return (
      <SecondStep
        onDone={goOn}
        onBack={() => {
          setSecond(false);
          setPassword('');
          signIn.reset();
        }}
      />
    );
  }
  const providers = options.data?.providers ?? [];
  return (
    <Entry title={t('signIn.title')} lead={t('signIn.lead')}>
      <form onSubmit={submit}>
        <Stack gap={14}>
          {error ? <Refusal title={t('signIn.failed')} error={inWords(error, t)} /> : null}
          <TextField
            label={t('setup.email')}
            name="email"
            type="email"
            autoComplete="username webauthn"
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
          <Button type="submit" look="main" wide busy={signIn.isPending} disabled={wait > 0}>
            {wait > 0 ? t('signIn.wait', { count: wait }) : t('signIn.submit')}
          </Button>
          <Link className={styles.aside} to="/forgotten-password">
            {t('signIn.forgotten')}
          </Link>
        </Stack>
      </form>
      {withPasskeys || providers.length > 0 ? (
        <div className={styles.others}>
          <p className={styles.or}>{t('signIn.or')}</p>
          {withPasskeys ? (
            <Button
              wide
              icon={<IconFingerprint size={17} aria-hidden />}
              busy={passkey.isPending}
              onClick={() => {
                signIn.reset();
                passkey.mutate();
              }}
            >
              {t('signIn.passkey')}
            </Button>
          ) : null}
          {providers.map((provider) => (
            <Button
              key={provider.id}
              wide
              icon={<IconLogin2 size={17} aria-hidden />}
              onClick={() => location.assign(`${provider.startUrl}?next=${encodeURIComponent(next)}`)}
            >
              {t('signIn.through', { name: provider.name })}
            </Button>
          ))}
        </div>
      ) : null}
    </Entry>
  );
}
