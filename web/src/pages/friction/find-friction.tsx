import { IconStethoscope } from '@tabler/icons-react';
import { LinkButton } from '../../kit/button.tsx';
import { useText } from '../../text.tsx';
import type { FunnelReport } from '../reports/report.ts';
import { frictionAddress } from './friction-url.ts';

/** Leads from a funnel to what stands in its way. */
export function FindFriction({ funnel }: { funnel: FunnelReport }) {
  const t = useText();
  return (
    <LinkButton small to={frictionAddress(funnel)} icon={<IconStethoscope size={15} />}>
      {t('reports.findFriction')}
    </LinkButton>
  );
}
