import { Secret } from '../../kit/data.tsx';
import { Stack } from '../../kit/layout.tsx';

/** A link that this server does not mail: to copy, and to hand over by another way. */
export function Handover({ label, why, link }: { label: string; why: string; link: string }) {
  return (
    <Stack gap={8}>
      <p style={{ color: 'var(--ink-dim)' }}>{why}</p>
      <Secret value={link} label={label} />
    </Stack>
  );
}
