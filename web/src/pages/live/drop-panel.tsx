import { formatExact, humanise } from '../../format.ts';
import { Code, Pairs } from '../../kit/data.tsx';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Rich, useText } from '../../text.tsx';
import type { LiveDrop } from '../../wire.ts';
import { reasonText } from './live-row.tsx';

/** Why an event was not kept. */
export function DropPanel({ drop, sourceName, onClose }: { drop: LiveDrop; sourceName: string; onClose: () => void }) {
  const t = useText();
  return (
    <SidePanel
      title={<Rich k="live.dropped" values={{ name: drop.name ?? t('live.anEvent') }} />}
      sub={reasonText(drop.reason)}
      onClose={onClose}
    >
      <Stack gap={20}>
        <Pairs
          rows={[
            [t('details.when'), formatExact(drop.at)],
            [t('details.source'), sourceName],
            [t('details.step'), humanise(drop.step)],
            [t('details.reason'), reasonText(drop.reason)],
            [t('details.messageId'), drop.messageId ?? '—'],
          ]}
        />
        <Code json text={JSON.stringify(drop, null, 2)} label={t('details.raw')} />
      </Stack>
    </SidePanel>
  );
}
