import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { DateField } from '../../kit/field.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useText } from '../../text.tsx';
import { calls, type Destination } from './calls.ts';
import styles from './destinations.module.css';

/** Sends the events of a past time again, or writes its files again. */
export function PastPanel({ destination, onClose }: { destination: Destination; onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const [today] = useState(() => new Date().toLocaleDateString('sv'));
  const [from, setFrom] = useState(today);
  const [to, setTo] = useState(today);
  const isFiles = destination.kind === 'files';
  const begin = useMutation({
    mutationFn: async () => {
      const start = new Date(`${from}T00:00:00`);
      const end = new Date(`${to}T00:00:00`);
      end.setDate(end.getDate() + 1);
      if (isFiles) await calls.runAgain(destination.id, start.toISOString(), end.toISOString());
      else await calls.replay(destination.id, start.toISOString(), end.toISOString());
    },
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ['destination', destination.id] });
      toast(t('destinations.pastBegun'));
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    begin.mutate();
  };
  const title = isFiles ? t('destinations.runAgain') : t('destinations.replay');
  return (
    <SidePanel title={title} sub={destination.name} onClose={onClose}>
      <form onSubmit={submit}>
        <Stack gap={16}>
          <p className={styles.hint}>{isFiles ? t('destinations.runAgainHint') : t('destinations.replayHint')}</p>
          {begin.error ? <Refusal title={t('destinations.pastFailed')} error={begin.error} /> : null}
          <Row>
            <DateField label={t('destinations.firstDay')} value={from} onChange={setFrom} />
            <span aria-hidden>–</span>
            <DateField label={t('destinations.lastDay')} value={to} onChange={setTo} />
          </Row>
          <Row>
            <Button type="submit" look="main" busy={begin.isPending} disabled={!from || !to}>
              {title}
            </Button>
          </Row>
        </Stack>
      </form>
    </SidePanel>
  );
}
