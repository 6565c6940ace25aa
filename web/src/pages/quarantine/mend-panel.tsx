import { IconSend, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { api } from '../../api.ts';
import { formatExact, humanise } from '../../format.ts';
import { Button, ConfirmButton } from '../../kit/button.tsx';
import { Pairs } from '../../kit/data.tsx';
import { CodeField } from '../../kit/field.tsx';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import type { Quarantined } from '../../wire.ts';
import { reasonText } from '../live/live-row.tsx';

function parse(text: string): { value: unknown; error: string | null } {
  try {
    return { value: JSON.parse(text), error: null };
  } catch (error) {
    return { value: null, error: error instanceof Error ? error.message : String(error) };
  }
}

/** What was wrong with an event, and a place to mend it and send it again. */
export function MendPanel({
  item,
  name,
  sourceName,
  onClose,
}: {
  item: Quarantined;
  name: string;
  sourceName: string;
  onClose: () => void;
}) {
  const t = useText();
  const queries = useQueryClient();
  const mayWrite = useMay('quarantine.write');
  const [text, setText] = useState(typeof item.event === 'string' ? item.event : JSON.stringify(item.event, null, 2));
  const parsed = useMemo(() => parse(text), [text]);
  const after = (message: string) => {
    queries.invalidateQueries({ queryKey: ['quarantine'] });
    toast(message);
    onClose();
  };
  const resend = useMutation({
    mutationFn: () => api.resend(item.id, parsed.value),
    onSuccess: () => after(t('quarantine.sent')),
  });
  const remove = useMutation({
    mutationFn: () => api.deleteQuarantined(item.id),
    onSuccess: () => after(t('quarantine.deleted')),
  });
  return (
    <SidePanel
      title={name}
      sub={reasonText(item.reason)}
      onClose={onClose}
      foot={
        mayWrite ? (
          <>
            <Button
              look="main"
              icon={<IconSend size={16} />}
              busy={resend.isPending}
              disabled={parsed.error !== null}
              onClick={() => resend.mutate()}
            >
              {t('quarantine.resend')}
            </Button>
            <ConfirmButton
              small={false}
              icon={<IconTrash size={16} />}
              question={t('quarantine.deleteQuestion')}
              confirm={t('quarantine.delete')}
              busy={remove.isPending}
              onConfirm={() => remove.mutate()}
            >
              {t('quarantine.delete')}
            </ConfirmButton>
          </>
        ) : null
      }
    >
      <Stack gap={20}>
        {resend.error ? <Refusal title={t('quarantine.resendFailed')} error={resend.error} /> : null}
        {remove.error ? <Refusal title={t('quarantine.deleteFailed')} error={remove.error} /> : null}
        <Pairs
          rows={[
            [t('details.when'), formatExact(item.at)],
            [t('details.source'), sourceName],
            [t('details.step'), humanise(item.step)],
            [t('details.reason'), reasonText(item.reason)],
            ...(item.resentAt ? ([[t('quarantine.resent'), formatExact(item.resentAt)]] as [string, string][]) : []),
          ]}
        />
        <CodeField
          label={t('quarantine.json')}
          hint={t('quarantine.jsonHint')}
          error={parsed.error ? t('quarantine.notJson', { why: parsed.error }) : null}
          value={text}
          onChange={setText}
          rows={20}
        />
      </Stack>
    </SidePanel>
  );
}
