import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { formatBytes, formatList, formatNumber, formatRelative } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Code, Pairs } from '../../kit/data.tsx';
import { CodeField, Switch, TextField } from '../../kit/field.tsx';
import { useNow } from '../../kit/hooks.ts';
import { Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Picker } from '../../kit/picker.tsx';
import { Loading, Refusal, Skeleton } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { audiences } from '../audiences/calls.ts';
import { calls, type SettingsView } from './calls.ts';
import styles from './recordings.module.css';

type Settings = SettingsView['settings'];

/** What is recorded of whom, what is hidden, and how long it is kept. */
export function SettingsPanel({ onClose }: { onClose: () => void }) {
  const t = useText();
  const query = useQuery({ queryKey: ['replay', 'settings'], queryFn: calls.settings });
  return (
    <SidePanel title={t('replay.settings')} sub={t('replay.settingsText')} onClose={onClose}>
      {query.data ? (
        <Form key={query.data.version} kept={query.data} onClose={onClose} />
      ) : query.error ? (
        <Refusal title={t('replay.settingsFailed')} error={query.error} onRetry={() => query.refetch()} />
      ) : (
        <Loading>
          <Skeleton height={400} />
        </Loading>
      )}
    </SidePanel>
  );
}

const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

function Form({ kept, onClose }: { kept: SettingsView; onClose: () => void }) {
  const t = useText();
  const now = useNow();
  const queries = useQueryClient();
  const [value, setValue] = useState<Settings>(kept.settings);
  // Lists are typed as lines; an empty line while typing is no entry.
  const [text, setText] = useState({
    events: kept.settings.triggers.events.join('\n'),
    triggerPages: kept.settings.triggers.pages.join('\n'),
    only: kept.settings.pages.only.join('\n'),
    never: kept.settings.pages.never.join('\n'),
  });
  const change = (part: Partial<Settings>) => setValue({ ...value, ...part });
  const save = useMutation({
    mutationFn: () =>
      calls.saveSettings(
        {
          ...value,
          triggers: { ...value.triggers, events: lines(text.events), pages: lines(text.triggerPages) },
          pages: { only: lines(text.only), never: lines(text.never) },
        },
        kept.version,
      ),
    onSuccess: (saved) => {
      queries.setQueryData(['replay', 'settings'], saved);
      toast(t('replay.saved'));
      onClose();
    },
  });
  const number = (
    name: 'share' | 'minimumSeconds' | 'retentionDays' | 'limitGigabytes',
    label: string,
    hint: string,
  ) => (
    <TextField
      digits
      label={label}
      hint={hint}
      value={String(value[name])}
      onChange={(typed) => change({ [name]: Number(typed.replace(',', '.')) || 0 })}
    />
  );
  const list = (name: keyof typeof text, label: string, hint: string) => (
    <CodeField
      label={label}
      hint={hint}
      rows={2}
      value={text[name]}
      onChange={(typed) => setText({ ...text, [name]: typed })}
    />
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap={18}>
        {save.error ? <Refusal title={t('replay.settingsFailed')} error={save.error} /> : null}
        {kept.paused ? (
          <p role="status" className={styles.note}>
            {t('replay.pausedNow', { why: kept.paused })}
          </p>
        ) : null}
        <Switch
          label={t('replay.record')}
          hint={t('replay.recordHint')}
          checked={value.recording}
          onChange={(recording) => change({ recording })}
        />
        <Switch
          label={t('replay.heatmap')}
          hint={t('replay.heatmapHint')}
          checked={value.heatmap}
          onChange={(heatmap) => change({ heatmap })}
        />
        <section className={styles.group}>
          <h3>{t('replay.whatPage')}</h3>
          <p className={styles.note}>{t('replay.whatPageText')}</p>
          <Code label={t('replay.whatPage')} text={snippet(location.origin)} />
        </section>
        <section className={styles.group}>
          <h3>{t('replay.whom')}</h3>
          {number('share', t('replay.sharePercent'), t('replay.sharePercentHint'))}
          <AudiencesChoice
            value={value.triggers.audiences}
            onChange={(chosen) => change({ triggers: { ...value.triggers, audiences: chosen } })}
          />
          {list('events', t('replay.triggerEvents'), t('replay.triggerEventsHint'))}
          {list('triggerPages', t('replay.triggerPages'), t('replay.pagesHint'))}
          <Switch
            label={t('replay.triggerErrors')}
            checked={value.triggers.errors}
            onChange={(errors) => change({ triggers: { ...value.triggers, errors } })}
          />
          {list('only', t('replay.onlyPages'), t('replay.pagesHint'))}
          {list('never', t('replay.neverPages'), t('replay.pagesHint'))}
          {number('minimumSeconds', t('replay.minimum'), t('replay.minimumHint'))}
        </section>
        <section className={styles.group}>
          <h3>{t('replay.hidden')}</h3>
          <p className={styles.note}>{t('replay.hiddenText')}</p>
          <Switch
            label={t('replay.maskText')}
            hint={t('replay.maskTextHint')}
            checked={value.maskText}
            onChange={(maskText) => change({ maskText })}
          />
          <TextField
            label={t('replay.maskSelector')}
            value={value.maskSelector}
            onChange={(maskSelector) => change({ maskSelector })}
          />
          <TextField
            label={t('replay.blockSelector')}
            value={value.blockSelector}
            onChange={(blockSelector) => change({ blockSelector })}
          />
          <Switch label={t('replay.console')} checked={value.console} onChange={(console) => change({ console })} />
          <Switch
            label={t('replay.network')}
            hint={t('replay.networkHint')}
            checked={value.network}
            onChange={(network) => change({ network })}
          />
        </section>
        <section className={styles.group}>
          <h3>{t('replay.kept')}</h3>
          {number('retentionDays', t('replay.days'), t('replay.daysHint'))}
          {number('limitGigabytes', t('replay.gigabytes'), t('replay.gigabytesHint'))}
          <Pairs
            rows={[
              [t('replay.recordingsKept'), formatNumber(kept.recordings)],
              [t('replay.takes'), formatBytes(kept.storedBytes)],
              ...(kept.changedAt
                ? [
                    [t('replay.changed'), `${kept.changedBy} · ${formatRelative(kept.changedAt, now)}`] as [
                      string,
                      string,
                    ],
                  ]
                : []),
            ]}
          />
        </section>
        <Row>
          <Button look="main" type="submit" busy={save.isPending}>
            {t('replay.save')}
          </Button>
          <Button look="quiet" onClick={onClose}>
            {t('kit.cancel')}
          </Button>
        </Row>
      </Stack>
    </form>
  );
}

/** Audiences that are recorded whatever the share says; one that is gone stands with its number, to be taken out. */
function AudiencesChoice({ value, onChange }: { value: number[]; onChange: (value: number[]) => void }) {
  const t = useText();
  const may = useMay('audiences.read');
  const found = useQuery({
    queryKey: ['audiences', 'list', 'choose'],
    queryFn: () => audiences.list({}),
    enabled: may,
    staleTime: 60_000,
  });
  if (!may) return null;
  const names = new Map((found.data?.items ?? []).map((one) => [one.id, one.name]));
  for (const id of value) if (!names.has(id)) names.set(id, `#${id}`);
  const toggle = (id: number) => onChange(value.includes(id) ? value.filter((one) => one !== id) : [...value, id]);
  return (
    <Stack gap={4}>
      <strong className={styles.label}>{t('replay.triggerAudiences')}</strong>
      <p className={styles.note}>{t('replay.triggerAudiencesHint')}</p>
      <div>
        <Picker
          several
          searchable
          label={t('replay.triggerAudiences')}
          empty={value.length === 0}
          chosen={value.map(String)}
          groups={[{ key: 'all', items: [...names].map(([id, name]) => ({ value: String(id), label: name })) }]}
          onPick={(id) => toggle(Number(id))}
        >
          <bdi>
            {value.length === 0
              ? t('replay.triggerAudiencesNone')
              : formatList(value.map((id) => names.get(id) ?? `#${id}`))}
          </bdi>
        </Picker>
      </div>
    </Stack>
  );
}

/** What the page says is by attributes, so that it holds wherever the page is shown. */
const snippet = (origin: string) => `<script async src="${origin}/sdk.js" data-write-key="…"></script>

<p data-tl-mask>…</p>
<div data-tl-block>…</div>`;
