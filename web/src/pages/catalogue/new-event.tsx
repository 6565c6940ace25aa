import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { Button } from '../../kit/button.tsx';
import { SelectField, TextField } from '../../kit/field.tsx';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { catalogue, pageOf } from './calls.ts';

/** An event is planned before it first comes. */
export function NewEventPanel({ onClose }: { onClose: () => void }) {
  const t = useText();
  const go = useNavigate();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [type, setType] = useState('track');
  const add = useMutation({
    mutationFn: () => catalogue.add({ type, name: name.trim() }),
    onSuccess: (event) => {
      queries.invalidateQueries({ queryKey: ['catalogue'] });
      go(pageOf(event));
    },
  });
  return (
    <SidePanel
      title={t('catalogue.planEvent')}
      sub={t('catalogue.planEventHint')}
      onClose={onClose}
      foot={
        <Button look="main" busy={add.isPending} disabled={name.trim() === ''} onClick={() => add.mutate()}>
          {t('catalogue.planEvent')}
        </Button>
      }
    >
      <Stack gap={16}>
        {add.error ? <Refusal title={t('catalogue.notSaved')} error={add.error} /> : null}
        <TextField
          label={t('catalogue.name')}
          value={name}
          onChange={setName}
          placeholder="Order Completed"
          autoFocus
        />
        <SelectField
          label={t('catalogue.type')}
          value={type}
          onChange={setType}
          choices={['track', 'page', 'screen'].map((value) => ({ value, label: value }))}
        />
      </Stack>
    </SidePanel>
  );
}
