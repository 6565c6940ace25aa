import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { formatNumber } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Segments, Switch } from '../../kit/field.tsx';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useMay } from '../../session.tsx';
import { useSources } from '../../sources.ts';
import { useText } from '../../text.tsx';
import { catalogue, type PlanReply, RULES } from './calls.ts';
import { RuleChoices } from './rule-choices.tsx';

/** What happens to events that break the plan, and whose events are held against it. */
export function PlanPanel({ onClose }: { onClose: () => void }) {
  const t = useText();
  const plan = useQuery({ queryKey: ['catalogue', 'plan'], queryFn: catalogue.plan });
  return plan.data ? (
    <Form plan={plan.data} onClose={onClose} />
  ) : (
    <SidePanel title={t('catalogue.plan')} onClose={onClose}>
      <UntilLoaded query={plan} failed={t('catalogue.failed')}>
        <Skeleton height={180} />
      </UntilLoaded>
    </SidePanel>
  );
}

function Form({ plan, onClose }: { plan: PlanReply; onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const mayWrite = useMay('catalogue.write');
  const { sources } = useSources();
  const [rules, setRules] = useState(plan.rules);
  const [chosen, setChosen] = useState(plan.sourceIds);
  const save = useMutation({
    mutationFn: () => catalogue.changePlan({ rules, sourceIds: chosen }),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ['catalogue'] });
      toast(t('catalogue.saved'));
      onClose();
    },
  });
  return (
    <SidePanel
      title={t('catalogue.plan')}
      sub={t('catalogue.planPurpose')}
      onClose={onClose}
      foot={
        mayWrite ? (
          <Button look="main" busy={save.isPending} onClick={() => save.mutate()}>
            {t('catalogue.save')}
          </Button>
        ) : null
      }
    >
      <Stack gap={20}>
        {save.error ? <Refusal title={t('catalogue.notSaved')} error={save.error} /> : null}
        <RuleChoices
          of={RULES}
          rules={rules}
          onChange={(rule, action) => action && setRules({ ...rules, [rule]: action })}
        />
        <p style={{ margin: 0, color: 'var(--ink-dim)' }}>{t('catalogue.planHint')}</p>
        <Segments
          label={t('catalogue.holdsFor')}
          value={chosen === null ? 'all' : 'chosen'}
          onChange={(value) => setChosen(value === 'all' ? null : [])}
          choices={[
            { value: 'all', label: t('catalogue.allSources') },
            { value: 'chosen', label: t('catalogue.chosenSources') },
          ]}
        />
        {chosen === null
          ? null
          : sources.map((source) => (
              <Switch
                key={source.id}
                label={source.name}
                checked={chosen.includes(source.id)}
                onChange={(on) =>
                  setChosen(on ? [...chosen, source.id] : chosen.filter((sourceId) => sourceId !== source.id))
                }
              />
            ))}
        <p style={{ margin: 0, color: 'var(--ink-dim)' }}>
          {t('catalogue.room', { names: formatNumber(plan.names), limit: formatNumber(plan.namesLimit) })}{' '}
          {plan.otherEvents > 0 ? t('catalogue.others', { count: plan.otherEvents }) : null}
        </p>
      </Stack>
    </SidePanel>
  );
}
