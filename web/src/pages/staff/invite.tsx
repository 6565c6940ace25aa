import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { SelectField, TextField } from '../../kit/field.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { currentLanguage, LANGUAGES, useText } from '../../text.tsx';
import { staffCalls } from './calls.ts';
import { Handover } from './handover.tsx';
import { useRoleHint, useRoles } from './roles-query.ts';

const USUAL = 'viewer';

/** Invites a colleague by mail; where this server sends none, gives the link to hand over. */
export function InvitePanel({ onClose }: { onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const roles = useRoles();
  const hint = useRoleHint();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState(USUAL);
  const [language, setLanguage] = useState<string>(currentLanguage());
  const chosen = roles.givable.find((one) => one.id === role) ?? roles.givable[0];
  const invite = useMutation({
    mutationFn: () => staffCalls.invite({ email: email.trim(), role: chosen?.id ?? role, language }),
    onSuccess: (sent) => {
      queries.invalidateQueries({ queryKey: ['invitations'] });
      if (!sent.mailed) return;
      toast(t('staff.invited', { email: sent.email }));
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    invite.mutate();
  };
  const link = invite.data?.link;
  return (
    <SidePanel title={t('staff.invite')} sub={t('staff.inviteHint')} onClose={onClose}>
      {link ? (
        <Stack gap={16}>
          <Handover
            label={t('staff.link')}
            why={t('staff.handOver', { email: invite.data?.email ?? '' })}
            link={link}
          />
          <Row>
            <Button look="main" onClick={onClose}>
              {t('staff.done')}
            </Button>
            <Button
              onClick={() => {
                setEmail('');
                invite.reset();
              }}
            >
              {t('staff.inviteAnother')}
            </Button>
          </Row>
        </Stack>
      ) : (
        <form onSubmit={submit}>
          <Stack gap={18}>
            {invite.error ? <Refusal title={t('staff.notInvited')} error={invite.error} /> : null}
            <TextField
              label={t('staff.email')}
              type="email"
              name="colleague"
              autoComplete="off"
              value={email}
              onChange={setEmail}
              required
              autoFocus
            />
            <Stack gap={6}>
              <SelectField
                label={t('staff.role')}
                value={chosen?.id ?? ''}
                choices={roles.givable.map(roles.choice)}
                onChange={setRole}
              />
              <p style={{ color: 'var(--ink-dim)', fontSize: '0.8125rem' }}>{hint(chosen)}</p>
            </Stack>
            <SelectField
              label={t('staff.language')}
              value={language}
              choices={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
              onChange={setLanguage}
            />
            <Button type="submit" look="main" busy={invite.isPending} disabled={!chosen}>
              {t('staff.sendInvitation')}
            </Button>
          </Stack>
        </form>
      )}
    </SidePanel>
  );
}
