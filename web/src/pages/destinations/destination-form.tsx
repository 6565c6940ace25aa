import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { Button } from '../../kit/button.tsx';
import { CodeField, PasswordField, SelectField, Switch, TextField } from '../../kit/field.tsx';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { calls, type Destination, type DestinationInput } from './calls.ts';
import styles from './destinations.module.css';
import { draftOf, type FormDraft, inputOf, KINDS } from './draft.ts';

/** Makes a destination, or changes one. */
export function DestinationForm({ destination, onClose }: { destination?: Destination; onClose: () => void }) {
  const t = useText();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const choices = useQuery({ queryKey: ['destinations', 'choices'], queryFn: calls.choices });
  const [draft, setDraft] = useState<FormDraft>(() => draftOf(destination));
  const set = (change: Partial<FormDraft>) => setDraft((before) => ({ ...before, ...change }));
  const save = useMutation({
    mutationFn: (input: DestinationInput) => (destination ? calls.change(destination.id, input) : calls.create(input)),
    onSuccess: (saved) => {
      queries.setQueryData(['destination', saved.id], saved);
      queries.invalidateQueries({ queryKey: ['destinations'] });
      if (destination) onClose();
      else navigate(`/destinations/${encodeURIComponent(saved.id)}`);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(inputOf(draft, destination));
  };
  const title = destination ? t('destinations.edit') : t('destinations.create');
  return (
    <SidePanel title={title} sub={destination?.name ?? t('destinations.createHint')} onClose={onClose}>
      <form onSubmit={submit}>
        <Stack gap={20}>
          {save.error ? <Refusal title={t('destinations.saveFailed')} error={save.error} /> : null}
          <TextField
            label={t('destinations.name')}
            value={draft.name}
            onChange={(name) => set({ name })}
            required
            autoFocus
          />
          {destination ? null : (
            <fieldset className={styles.choices}>
              <legend>{t('destinations.kindName')}</legend>
              {KINDS.map((kind) => (
                <label key={kind} className={styles.choice}>
                  <input
                    type="radio"
                    name="kind"
                    checked={draft.kind === kind}
                    disabled={kind === 'folder' && choices.data?.exportsFolder === false}
                    onChange={() => set({ kind })}
                  />
                  <span>
                    <span className={styles.choiceName}>{t(`destinations.kind.${kind}`)}</span>
                    <span className={styles.hint}>
                      {kind === 'folder' && choices.data?.exportsFolder === false
                        ? t('destinations.noFolder')
                        : t(`destinations.kindHint.${kind}`)}
                    </span>
                  </span>
                </label>
              ))}
            </fieldset>
          )}
          {draft.kind === 'webhook' ? (
            <WebhookFields draft={draft} set={set} />
          ) : (
            <FileFields draft={draft} set={set} />
          )}
          <CodeField
            label={t('destinations.names')}
            hint={t('destinations.namesHint')}
            value={draft.names}
            onChange={(names) => set({ names })}
            rows={3}
          />
          {draft.kind === 'webhook' ? (
            <CodeField
              label={t('destinations.condition')}
              hint={t('destinations.conditionHint')}
              value={draft.condition}
              onChange={(condition) => set({ condition })}
              rows={2}
            />
          ) : null}
          <fieldset className={styles.choices}>
            <legend>{t('destinations.purposes')}</legend>
            <span className={styles.hint}>{t('destinations.purposesHint')}</span>
            <UntilLoaded query={choices} failed={t('destinations.purposesFailed')}>
              <Skeleton height={60} />
            </UntilLoaded>
            {(choices.data?.purposes ?? []).map((purpose) => (
              <label key={purpose.key} className={styles.choice}>
                <input
                  type="checkbox"
                  checked={draft.purposes.includes(purpose.key)}
                  onChange={(event) =>
                    set({
                      purposes: event.currentTarget.checked
                        ? [...draft.purposes, purpose.key]
                        : draft.purposes.filter((key) => key !== purpose.key),
                    })
                  }
                />
                <span>
                  <span className={styles.choiceName}>{purpose.name}</span>
                  <span className={styles.hint}>
                    {purpose.needsConsent ? t('destinations.needsConsent') : t('destinations.needsNone')}
                  </span>
                </span>
              </label>
            ))}
          </fieldset>
          {/* Made before its purposes are there to choose, it would get what people did not consent to. */}
          <Button type="submit" look="main" busy={save.isPending} disabled={!destination && !choices.data}>
            {destination ? t('kit.save') : t('destinations.create')}
          </Button>
        </Stack>
      </form>
    </SidePanel>
  );
}

type Fields = { draft: FormDraft; set: (change: Partial<FormDraft>) => void };

function WebhookFields({ draft, set }: Fields) {
  const t = useText();
  return (
    <>
      <TextField
        label={t('destinations.url')}
        hint={t('destinations.urlHint')}
        value={draft.url}
        onChange={(url) => set({ url })}
        placeholder="https://"
        required
      />
      <div className={styles.pair}>
        <TextField
          label={t('destinations.concurrency')}
          value={draft.concurrency}
          onChange={(concurrency) => set({ concurrency })}
        />
        <TextField
          label={t('destinations.perSecond')}
          value={draft.perSecond}
          placeholder={t('destinations.noLimit')}
          onChange={(perSecond) => set({ perSecond })}
        />
      </div>
      <Switch
        label={t('destinations.tellErasures')}
        checked={draft.tellErasures}
        onChange={(tellErasures) => set({ tellErasures })}
      />
    </>
  );
}

function FileFields({ draft, set }: Fields) {
  const t = useText();
  return (
    <>
      {draft.kind === 'folder' ? (
        <TextField
          label={t('destinations.path')}
          hint={t('destinations.pathHint')}
          value={draft.path}
          placeholder="warehouse/events"
          onChange={(path) => set({ path })}
        />
      ) : (
        <>
          <TextField
            label={t('destinations.endpoint')}
            value={draft.endpoint}
            placeholder="https://s3.eu-central-1.amazonaws.com"
            onChange={(endpoint) => set({ endpoint })}
            required
          />
          <div className={styles.pair}>
            <TextField
              label={t('destinations.bucket')}
              value={draft.bucket}
              onChange={(bucket) => set({ bucket })}
              required
            />
            <TextField label={t('destinations.region')} value={draft.region} onChange={(region) => set({ region })} />
          </div>
          <TextField label={t('destinations.prefix')} value={draft.path} onChange={(path) => set({ path })} />
          <TextField
            label={t('destinations.accessKey')}
            value={draft.accessKeyId}
            autoComplete="off"
            onChange={(accessKeyId) => set({ accessKeyId })}
            required
          />
          <PasswordField
            label={t('destinations.secretKey')}
            hint={t('destinations.secretKeyHint')}
            value={draft.secretAccessKey}
            autoComplete="new-password"
            onChange={(secretAccessKey) => set({ secretAccessKey })}
          />
        </>
      )}
      <div className={styles.pair}>
        <SelectField
          label={t('destinations.format')}
          value={draft.format}
          choices={[
            { value: 'parquet', label: 'Parquet' },
            { value: 'ndjson', label: 'NDJSON (gzip)' },
          ]}
          onChange={(format) => set({ format: format as FormDraft['format'] })}
        />
        <SelectField
          label={t('destinations.every')}
          value={draft.every}
          choices={(['hour', 'day'] as const).map((every) => ({
            value: every,
            label: t(`destinations.rhythm.${every}`),
          }))}
          onChange={(every) => set({ every: every as FormDraft['every'] })}
        />
      </div>
      <TextField
        label={t('destinations.zone')}
        hint={t('destinations.zoneHint')}
        value={draft.zone}
        onChange={(zone) => set({ zone })}
      />
    </>
  );
}
