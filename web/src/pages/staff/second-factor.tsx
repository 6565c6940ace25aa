import { IconFingerprint, IconShieldCheck, IconShieldOff } from '@tabler/icons-react';
import { Tag } from '../../kit/data.tsx';
import { Row } from '../../kit/layout.tsx';
import { useText } from '../../text.tsx';
import type { Member } from './calls.ts';

/** By what somebody proves a second time who they are. */
export function SecondFactor({ member }: { member: Pick<Member, 'secondFactor' | 'passkeys'> }) {
  const t = useText();
  if (!member.secondFactor && member.passkeys === 0) {
    return (
      <Tag tone="warn" icon={<IconShieldOff size={13} aria-hidden />}>
        {t('staff.noSecondFactor')}
      </Tag>
    );
  }
  return (
    <Row gap={4}>
      {member.secondFactor ? (
        <Tag tone="good" icon={<IconShieldCheck size={13} aria-hidden />}>
          {t('staff.app')}
        </Tag>
      ) : null}
      {member.passkeys > 0 ? (
        <Tag tone="good" icon={<IconFingerprint size={13} aria-hidden />}>
          {t('staff.passkeys', { count: member.passkeys })}
        </Tag>
      ) : null}
    </Row>
  );
}
