import { IconSettings } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Loading, Refusal, Skeleton } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useText } from '../../text.tsx';
import { type SurveySettings, surveys } from './calls.ts';
import { NumberField } from './number-field.tsx';

/** What holds for all surveys together: how long a person is left in peace. */
export function SettingsPanel({ mayWrite, onClose }: { mayWrite: boolean; onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const stored = useQuery({ queryKey: ['surveys', 'settings'], queryFn: surveys.settings });
  const [draft, setDraft] = useState<SurveySettings | null>(null);
  const settings = draft ?? stored.data;
  const save = useMutation({
    mutationFn: surveys.changeSettings,
    onSuccess: (changed) => {
      queries.setQueryData(['surveys', 'settings'], changed);
      toast(t('surveys.settingsSaved'));
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (settings) save.mutate(settings);
  };
  return (
    <SidePanel icon={<IconSettings size={20} aria-hidden />} title={t('surveys.settings')} onClose={onClose}>
      {stored.error ? <Refusal title={t('surveys.settingsFailed')} error={stored.error} /> : null}
      {settings ? (
        <form onSubmit={submit}>
          <Stack gap={16}>
            <NumberField
              label={t('surveys.quietDays')}
              hint={t('surveys.quietDaysHint')}
              value={settings.quietDays}
              low={0}
              high={365}
              onChange={(quietDays) => quietDays !== undefined && setDraft({ ...settings, quietDays })}
            />
            {save.error ? <Refusal title={t('surveys.settingsFailed')} error={save.error} /> : null}
            {mayWrite ? (
              <div>
                <Button look="main" type="submit" busy={save.isPending} disabled={draft === null}>
                  {t('surveys.save')}
                </Button>
              </div>
            ) : null}
          </Stack>
        </form>
      ) : stored.isPending ? (
        <Loading>
          <Skeleton height={60} />
        </Loading>
      ) : null}
    </SidePanel>
  );
}
