import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { formatNumber } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { PasswordField, SelectField, Switch, TextField } from '../../kit/field.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { type SettingsReply, voicesApi } from './api.ts';

/** Where voices come from, the feedback button on pages, and who understands them. */
export function SettingsPanel({ onClose }: { onClose: () => void }) {
  const t = useText();
  const read = useQuery({ queryKey: ['voices', 'settings'], queryFn: ({ signal }) => voicesApi.settings(signal) });
  return (
    <SidePanel title={t('voices.settings')} onClose={onClose}>
      <UntilLoaded query={read} failed={t('voices.failed')}>
        <Skeleton height={320} />
      </UntilLoaded>
      {read.data ? <Form of={read.data} /> : null}
    </SidePanel>
  );
}

function Form({ of }: { of: SettingsReply }) {
  const t = useText();
  const mayWrite = useMay('voiceSettings.write');
  const queries = useQueryClient();
  const { serviceKeyKept, state, ...before } = of;
  const [settings, setSettings] = useState(before);
  const [key, setKey] = useState('');
  const save = useMutation({
    mutationFn: () => voicesApi.saveSettings({ ...settings, ...(key ? { serviceKey: key } : {}) }),
    onSuccess: (saved) => {
      queries.setQueryData(['voices', 'settings'], saved);
      queries.invalidateQueries({ queryKey: ['voices'] });
      setKey('');
      toast(t('voices.saved'));
    },
  });
  const { feedback, service } = settings;
  const setFeedback = (change: Partial<typeof feedback>) =>
    setSettings({ ...settings, feedback: { ...feedback, ...change } });
  const setService = (change: Partial<typeof service>) =>
    setSettings({ ...settings, service: { ...service, ...change } });
  return (
    <Stack gap={22}>
      <section>
        <h3>{t('voices.widget')}</h3>
        <Stack gap={12}>
          <Switch
            label={t('voices.widgetSwitch')}
            hint={t('voices.widgetHint')}
            checked={feedback.on}
            onChange={(on) => setFeedback({ on })}
          />
          {feedback.on ? (
            <>
              <SelectField
                label={t('voices.side')}
                value={feedback.side}
                choices={(['right', 'left'] as const).map((value) => ({ value, label: t(`voices.sides.${value}`) }))}
                onChange={(side) => setFeedback({ side: side === 'left' ? 'left' : 'right' })}
              />
              <SelectField
                label={t('voices.scale')}
                value={feedback.scale}
                choices={(['smileys', 'stars', 'none'] as const).map((value) => ({
                  value,
                  label: t(`voices.scales.${value}`),
                }))}
                onChange={(scale) => setFeedback({ scale: scale as typeof feedback.scale })}
              />
              <Switch
                label={t('voices.askPicture')}
                hint={t('voices.askPictureHint')}
                checked={feedback.picture}
                onChange={(picture) => setFeedback({ picture })}
              />
              <Switch
                label={t('voices.askEmail')}
                checked={feedback.askEmail}
                onChange={(askEmail) => setFeedback({ askEmail })}
              />
              <TextField
                label={t('voices.pages')}
                hint={t('voices.pagesHint')}
                value={feedback.pages.join(', ')}
                onChange={(text) => setFeedback({ pages: text.split(/,\s*/).filter((page) => page !== '') })}
              />
            </>
          ) : null}
        </Stack>
      </section>
      <section>
        <h3>{t('voices.following')}</h3>
        <p>{settings.following.map(({ event }) => event).join(', ')}</p>
        <p style={{ color: 'var(--ink-dim)', fontSize: '0.8125rem' }}>
          {t('voices.followingHint')} <Link to="/sources">{t('voices.toSources')}</Link>
        </p>
        {state.waiting > 0 ? (
          <p role="status">{t('voices.waitingCount', { number: formatNumber(state.waiting) })}</p>
        ) : null}
      </section>
      <section>
        <h3>{t('voices.service')}</h3>
        <Stack gap={12}>
          <p style={{ margin: 0 }}>{t('voices.serviceHint')}</p>
          {state.trouble ? <p role="alert">{state.trouble}</p> : null}
          <Switch label={t('voices.serviceSwitch')} checked={service.on} onChange={(on) => setService({ on })} />
          {service.on ? (
            <>
              <TextField label={t('voices.serviceUrl')} value={service.url} onChange={(url) => setService({ url })} />
              <TextField
                label={t('voices.serviceModel')}
                value={service.model}
                onChange={(model) => setService({ model })}
              />
              <PasswordField
                label={t('voices.serviceKey')}
                {...(serviceKeyKept ? { hint: t('voices.serviceKeyKept') } : {})}
                value={key}
                onChange={setKey}
              />
              <Switch
                label={t('voices.mask')}
                hint={t('voices.maskHint')}
                checked={service.mask}
                onChange={(mask) => setService({ mask })}
              />
            </>
          ) : null}
        </Stack>
      </section>
      {save.error ? <Refusal title={t('voices.changeFailed')} error={save.error} /> : null}
      {mayWrite ? (
        <Row>
          <Button look="main" busy={save.isPending} onClick={() => save.mutate()}>
            {t('kit.save')}
          </Button>
        </Row>
      ) : null}
    </Stack>
  );
}
