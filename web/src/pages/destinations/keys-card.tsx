import { IconEye, IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { formatExact } from '../../format.ts';
import { Button, ConfirmButton } from '../../kit/button.tsx';
import { Secret } from '../../kit/data.tsx';
import { Card, Row, Stack } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useText } from '../../text.tsx';
import { calls } from './calls.ts';
import styles from './destinations.module.css';

/** What the receiver verifies signatures with; shown when it is asked for. */
export function KeysCard({ id }: { id: string }) {
  const t = useText();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const key = ['destination', id, 'keys'];
  const keys = useQuery({ queryKey: key, queryFn: () => calls.keys(id), enabled: open, gcTime: 0 });
  const rotate = useMutation({
    mutationFn: () => calls.rotate(id),
    onSuccess: (fresh) => {
      setOpen(true);
      queries.setQueryData(key, fresh);
      toast(t('destinations.rotated'));
    },
  });
  return (
    <Card title={t('destinations.secret')} hint={t('destinations.secretHint')}>
      <Stack gap={12}>
        {open && keys.data
          ? keys.data.keys.map((one) => (
              <div key={one.key}>
                <Secret value={one.key} label={t('destinations.secret')} />
                {one.until ? (
                  <span className={styles.hint}>{t('destinations.oldUntil', { at: formatExact(one.until) })}</span>
                ) : null}
              </div>
            ))
          : null}
        {keys.error ? <Refusal title={t('destinations.secretFailed')} error={keys.error} /> : null}
        {rotate.error ? <Refusal title={t('destinations.secretFailed')} error={rotate.error} /> : null}
        <Row>
          {open ? null : (
            <Button small icon={<IconEye size={15} />} onClick={() => setOpen(true)}>
              {t('destinations.showSecret')}
            </Button>
          )}
          <ConfirmButton
            icon={<IconRefresh size={15} />}
            question={t('destinations.rotateQuestion')}
            confirm={t('destinations.rotate')}
            busy={rotate.isPending}
            onConfirm={() => rotate.mutate()}
          >
            {t('destinations.rotate')}
          </ConfirmButton>
        </Row>
      </Stack>
    </Card>
  );
}
