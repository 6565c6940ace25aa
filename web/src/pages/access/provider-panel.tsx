import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button, ConfirmButton } from '../../kit/button.tsx';
import { Pairs, Secret } from '../../kit/data.tsx';
import { CodeField, PasswordField, Segments, SelectField, Switch, TextField } from '../../kit/field.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useText } from '../../text.tsx';
import { useRoles } from '../staff/roles-query.ts';
import styles from './access.module.css';
import { accessCalls, type Provider } from './calls.ts';
import { readSamlMetadata } from './saml-metadata.ts';

const KINDS = ['oidc', 'saml'] as const;
type Kind = (typeof KINDS)[number];

/** What has to be written down at the provider. */
function Addresses({ provider }: { provider: Provider }) {
  const t = useText();
  return (
    <section className={styles.box}>
      <h3>{t('access.atProvider')}</h3>
      <p className={styles.dim}>{t('access.atProviderHint')}</p>
      <span>{provider.kind === 'oidc' ? t('access.redirectUri') : t('access.acs')}</span>
      <Secret
        value={provider.callbackUrl}
        label={provider.kind === 'oidc' ? t('access.redirectUri') : t('access.acs')}
      />
      {provider.metadataUrl ? (
        <>
          <span>{t('access.entityId')}</span>
          <Secret value={provider.metadataUrl} label={t('access.entityId')} />
        </>
      ) : null}
      <span>{t('access.startUrl')}</span>
      <Secret value={provider.startUrl} label={t('access.startUrl')} />
    </section>
  );
}

function Trial({ provider }: { provider: Provider }) {
  const t = useText();
  const trial = useMutation({ mutationFn: () => accessCalls.testProvider(provider.id) });
  return (
    <section className={styles.box}>
      <Row style={{ justifyContent: 'space-between' }}>
        <span>{provider.kind === 'oidc' ? t('access.testOidc') : t('access.testSaml')}</span>
        <Button small busy={trial.isPending} onClick={() => trial.mutate()}>
          {t('access.test')}
        </Button>
      </Row>
      {trial.error ? <Refusal title={t('access.testFailed')} error={trial.error} /> : null}
      {trial.data ? (
        <div role="status">
          <p className={styles.good}>{t('access.testGood')}</p>
          <Pairs rows={Object.entries(trial.data.facts)} />
        </div>
      ) : null}
    </section>
  );
}

/** Sets up single sign-on, or changes one: what the provider is, for whom, and what newcomers get. */
export function ProviderPanel({
  provider,
  mayWrite,
  onClose,
  onMade,
}: {
  provider: Provider | null;
  mayWrite: boolean;
  onClose: () => void;
  onMade: (id: string) => void;
}) {
  const t = useText();
  const queries = useQueryClient();
  const roles = useRoles();
  const [kind, setKind] = useState<Kind>(provider?.kind ?? 'oidc');
  const [metadata, setMetadata] = useState('');
  const [input, setInput] = useState({
    name: provider?.name ?? '',
    domains: provider?.domains.join(', ') ?? '',
    issuer: provider?.oidc?.issuer ?? '',
    clientId: provider?.oidc?.clientId ?? '',
    clientSecret: '',
    entryPoint: provider?.saml?.entryPoint ?? '',
    idpIssuer: provider?.saml?.idpIssuer ?? '',
    certificate: provider?.saml?.certificate ?? '',
    defaultRole: provider?.defaultRole ?? 'viewer',
    createsUsers: provider?.createsUsers ?? false,
    required: provider?.required ?? false,
    enabled: provider?.enabled ?? true,
  });
  const set =
    <N extends keyof typeof input>(name: N) =>
    (value: (typeof input)[N]) =>
      setInput((now) => ({ ...now, [name]: value }));
  const readMetadata = (xml: string) => {
    setMetadata(xml);
    const read = readSamlMetadata(xml);
    if (read) setInput((now) => ({ ...now, ...read }));
  };
  const refresh = () => queries.invalidateQueries({ queryKey: ['sso'] });
  const save = useMutation({
    mutationFn: () => {
      const { issuer, clientId, clientSecret, entryPoint, idpIssuer, certificate, domains, ...shared } = input;
      const of = {
        ...shared,
        domains: domains.split(/[\s,;]+/).filter(Boolean),
        ...(kind === 'oidc'
          ? { issuer, clientId, ...(clientSecret ? { clientSecret } : {}) }
          : { entryPoint, idpIssuer, certificate }),
      };
      return provider ? accessCalls.changeProvider(provider.id, of) : accessCalls.addProvider({ kind, ...of });
    },
    onSuccess: async (saved) => {
      toast(t('access.saved'));
      await refresh();
      if (!provider) onMade(saved.id);
    },
  });
  const remove = useMutation({
    mutationFn: (gone: Provider) => accessCalls.removeProvider(gone.id),
    onSuccess: async () => {
      toast(t('access.removed', { name: input.name }));
      onClose();
      await refresh();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const error = save.error ?? remove.error;
  return (
    <SidePanel
      title={provider ? <bdi>{provider.name}</bdi> : t('access.add')}
      sub={provider ? t(`access.kind.${provider.kind}`) : t('access.addHint')}
      onClose={onClose}
    >
      <Stack gap={18}>
        {provider ? <Addresses provider={provider} /> : null}
        {provider && mayWrite ? <Trial provider={provider} /> : null}
        <form onSubmit={submit}>
          <Stack gap={16}>
            {error ? <Refusal title={t('access.notSaved')} error={error} /> : null}
            {provider ? null : (
              <Segments
                label={t('access.protocol')}
                value={kind}
                choices={KINDS.map((value) => ({ value, label: t(`access.kind.${value}`) }))}
                onChange={(value) => setKind(value as Kind)}
              />
            )}
            <TextField
              label={t('access.name')}
              hint={t('access.nameHint')}
              value={input.name}
              onChange={set('name')}
              required
              autoFocus={!provider}
            />
            <TextField
              label={t('access.domains')}
              hint={t('access.domainsHint')}
              placeholder="example.com"
              value={input.domains}
              onChange={set('domains')}
              required
            />
            {kind === 'oidc' ? (
              <>
                <TextField
                  label={t('access.issuer')}
                  hint={t('access.issuerHint')}
                  placeholder="https://"
                  value={input.issuer}
                  onChange={set('issuer')}
                  required
                />
                <TextField label={t('access.clientId')} value={input.clientId} onChange={set('clientId')} required />
                <PasswordField
                  label={t('access.clientSecret')}
                  autoComplete="off"
                  {...(provider ? { hint: t('access.secretHint') } : {})}
                  value={input.clientSecret}
                  onChange={set('clientSecret')}
                  required={!provider}
                />
              </>
            ) : (
              <>
                <CodeField
                  label={t('access.metadata')}
                  hint={t('access.metadataHint')}
                  error={metadata.trim() && !readSamlMetadata(metadata) ? t('access.metadataNone') : null}
                  rows={3}
                  value={metadata}
                  onChange={readMetadata}
                />
                <TextField
                  label={t('access.entryPoint')}
                  placeholder="https://"
                  value={input.entryPoint}
                  onChange={set('entryPoint')}
                  required
                />
                <TextField label={t('access.idpIssuer')} value={input.idpIssuer} onChange={set('idpIssuer')} required />
                <CodeField
                  label={t('access.certificate')}
                  placeholder="-----BEGIN CERTIFICATE-----"
                  rows={5}
                  value={input.certificate}
                  onChange={set('certificate')}
                  required
                />
              </>
            )}
            <Switch
              label={t('access.createsUsers')}
              hint={t('access.createsUsersHint')}
              checked={input.createsUsers}
              onChange={set('createsUsers')}
            />
            <SelectField
              label={t('access.defaultRole')}
              value={input.defaultRole}
              choices={roles.givable.filter((role) => role.id !== 'owner').map(roles.choice)}
              onChange={set('defaultRole')}
            />
            <Switch
              label={t('access.required')}
              hint={t('access.requiredHint')}
              checked={input.required}
              onChange={set('required')}
            />
            <Switch label={t('access.enabled')} checked={input.enabled} onChange={set('enabled')} />
            {mayWrite ? (
              <Row>
                <Button type="submit" look="main" busy={save.isPending}>
                  {provider ? t('kit.save') : t('access.add')}
                </Button>
                {provider ? (
                  <ConfirmButton
                    small={false}
                    question={t('access.removeQuestion', { count: provider.people })}
                    confirm={t('access.remove')}
                    busy={remove.isPending}
                    onConfirm={() => remove.mutate(provider)}
                  >
                    {t('access.remove')}
                  </ConfirmButton>
                ) : null}
              </Row>
            ) : null}
          </Stack>
        </form>
      </Stack>
    </SidePanel>
  );
}
