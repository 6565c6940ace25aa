import { IconEraser } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useNavigate } from 'react-router';
import { Button } from '../../kit/button.tsx';
import { TextField } from '../../kit/field.tsx';
import { Row, Stack } from '../../kit/layout.tsx';
import { Loading, Refusal, Skeleton } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useText } from '../../text.tsx';
import { type ErasurePreview, privacyApi } from './calls.ts';
import { Section } from './section.tsx';

const sameName = (a: string, b: string) =>
  a.trim().normalize('NFC').toLowerCase() === b.trim().normalize('NFC').toLowerCase();

function Confirmation({ preview, onCancel }: { preview: ErasurePreview; onCancel: () => void }) {
  const t = useText();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [typed, setTyped] = useState('');
  const erase = useMutation({
    mutationFn: () => privacyApi.erase(preview.personId, typed),
    onSuccess: () => {
      toast(t('privacy.person.erasing'));
      navigate('/privacy?tab=erasures');
      queries.removeQueries({ queryKey: ['person', preview.personId] });
      queries.invalidateQueries({ queryKey: ['people'] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    erase.mutate();
  };
  const goes = [
    t('privacy.person.events', { count: preview.events }),
    t('privacy.person.identifiers', { count: preview.identifiers }),
    t('privacy.person.traits', { count: preview.traits }),
    preview.consents > 0 ? t('privacy.person.consents', { count: preview.consents }) : null,
    preview.archives > 0 ? t('privacy.person.archives', { count: preview.archives }) : null,
    preview.mergedPersons > 1 ? t('privacy.person.merged', { count: preview.mergedPersons }) : null,
  ].filter((line) => line !== null);
  return (
    <form onSubmit={submit}>
      <Stack gap={14}>
        {erase.error ? <Refusal title={t('privacy.person.notErased')} error={erase.error} /> : null}
        <div>
          <p style={{ margin: 0 }}>{t('privacy.person.goes')}</p>
          <ul style={{ listStyle: 'disc', paddingInlineStart: 20, margin: '6px 0 0' }}>
            {goes.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </div>
        <TextField
          label={t('privacy.person.type', { name: preview.displayName })}
          value={typed}
          onChange={setTyped}
          autoFocus
          autoComplete="off"
        />
        <Row>
          <Button
            type="submit"
            look="danger"
            icon={<IconEraser size={16} />}
            busy={erase.isPending}
            disabled={!sameName(typed, preview.displayName)}
          >
            {t('privacy.person.eraseNow')}
          </Button>
          <Button look="quiet" onClick={onCancel}>
            {t('kit.cancel')}
          </Button>
        </Row>
      </Stack>
    </form>
  );
}

/** The erasure: names what goes, and asks for the person's name before it does anything. */
export function PersonErasure({ personId }: { personId: string }) {
  const t = useText();
  const [asking, setAsking] = useState(false);
  const preview = useQuery({
    queryKey: ['person', personId, 'erasure'],
    queryFn: () => privacyApi.preview(personId),
    enabled: asking,
  });
  return (
    <Section title={t('privacy.person.erase')} hint={t('privacy.person.eraseHint')}>
      {!asking ? (
        <Row>
          <Button look="danger" icon={<IconEraser size={16} />} onClick={() => setAsking(true)}>
            {t('privacy.person.erase')}
          </Button>
        </Row>
      ) : null}
      {asking && preview.isPending ? (
        <Loading>
          <Skeleton height={80} />
        </Loading>
      ) : null}
      {preview.error ? (
        <Refusal title={t('privacy.failed')} error={preview.error} onRetry={() => preview.refetch()} />
      ) : null}
      {asking && preview.data ? <Confirmation preview={preview.data} onCancel={() => setAsking(false)} /> : null}
    </Section>
  );
}
