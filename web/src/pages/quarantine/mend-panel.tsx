import { IconArrowLeft, IconSend, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { formatExact, humanise } from '../../format.ts';
import { Button } from '../../kit/button.tsx';
import { Pairs } from '../../kit/data.tsx';
import { CodeField } from '../../kit/field.tsx';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal, Skeleton, UntilLoaded } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { reasonText } from '../live/live-row.tsx';
import { type QuarantinedEvent, quarantine } from './calls.ts';
import { CauseLinks } from './cause-links.tsx';
import { useRemoval } from './use-removal.ts';

function parse(text: string): { value: unknown; error: string | null } {
  try {
    return { value: JSON.parse(text), error: null };
  } catch (error) {
    return { value: null, error: error instanceof Error ? error.message : String(error) };
  }
}

type Props = { nameOf: (sourceId: string) => string; onBack?: () => void; onClose: () => void };

/** What was wrong with an event, and a place to mend it and send it again. */
export function MendPanel({ id, ...rest }: Props & { id: string }) {
  const t = useText();
  const item = useQuery({ queryKey: ['quarantine', 'one', id], queryFn: () => quarantine.one(id) });
  if (item.data) return <Mend key={id} item={item.data} {...rest} />;
  return (
    <SidePanel title={t('quarantine.event')} onClose={rest.onClose}>
      <UntilLoaded query={item} failed={t('quarantine.failed')}>
        <Skeleton height={240} />
      </UntilLoaded>
    </SidePanel>
  );
}

function Mend({ item, nameOf, onBack, onClose }: Props & { item: QuarantinedEvent }) {
  const t = useText();
  const queries = useQueryClient();
  const mayWrite = useMay('quarantine.write');
  const [text, setText] = useState(typeof item.event === 'string' ? item.event : JSON.stringify(item.event, null, 2));
  const parsed = useMemo(() => parse(text), [text]);
  const leave = onBack ?? onClose;
  const resend = useMutation({
    mutationFn: () => quarantine.resend(item.id, parsed.value),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ['quarantine'] });
      toast(t('quarantine.sent'));
      leave();
    },
  });
  const remove = useRemoval(leave);
  const isOpen = item.resentAt === null && item.deletedAt === null;
  return (
    <SidePanel
      title={item.name || item.type || t('quarantine.unreadable')}
      sub={reasonText(item.reason)}
      onClose={onClose}
      foot={
        mayWrite && isOpen ? (
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
            <Button icon={<IconTrash size={16} />} busy={remove.isPending} onClick={() => remove.mutate(item.id)}>
              {t('quarantine.delete')}
            </Button>
          </>
        ) : null
      }
    >
      <Stack gap={20}>
        {onBack ? (
          <div>
            <Button small look="quiet" icon={<IconArrowLeft size={15} />} onClick={onBack}>
              {t('quarantine.backToGroup')}
            </Button>
          </div>
        ) : null}
        {resend.error ? <Refusal title={t('quarantine.resendFailed')} error={resend.error} /> : null}
        {remove.error ? <Refusal title={t('quarantine.deleteFailed')} error={remove.error} /> : null}
        <Pairs
          rows={[
            [t('details.when'), formatExact(item.at)],
            [t('details.source'), nameOf(item.sourceId)],
            [t('details.step'), humanise(item.step)],
            [t('details.reason'), reasonText(item.reason)],
            [t('details.messageId'), item.messageId ?? '—'],
            ...(item.resentAt ? ([[t('quarantine.resent'), formatExact(item.resentAt)]] as [string, string][]) : []),
          ]}
        />
        <CauseLinks {...item} event={item.name} />
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
