import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { Button } from '../../kit/button.tsx';
import { Segments, TextField } from '../../kit/field.tsx';
import { Card, Page, Row, Stack } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import styles from './audiences.module.css';
import { type AudienceInput, audiences } from './calls.ts';
import { complete, EMPTY, fromGroup, type Group, newLeaf } from './draft.ts';
import { GroupEditor } from './group-editor.tsx';
import { LiveSize } from './live-size.tsx';

/** Makes an audience: of conditions, or of a list that is uploaded next. */
export function NewAudiencePage() {
  const t = useText();
  const url = useUrlState();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [group, setGroup] = useState<Group>({ ...EMPTY, items: [newLeaf('did')] });
  const isList = url.get('kind') === 'list';
  const { group: whole, lacking } = complete(group);
  const ready = name.trim() !== '' && (isList || (lacking === 0 && whole.items.length > 0));
  const create = useMutation({
    mutationFn: (input: AudienceInput) => audiences.create(input),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ['audiences'] });
      navigate(`/audiences/${made.id}${isList ? '?upload=1' : ''}`, { replace: true });
    },
  });
  const save = () =>
    create.mutate({
      name: name.trim(),
      description: '',
      definition: isList ? { is: 'static' } : { is: 'dynamic', who: fromGroup(whole) },
      tells: true,
    });
  return (
    <Page
      title={t('audiences.newTitle')}
      back={{ to: '/audiences', label: t('nav.audiences') }}
      purpose={t('audiences.newPurpose')}
      action={
        <Button look="main" busy={create.isPending} disabled={!ready} onClick={save}>
          {t('audiences.save')}
        </Button>
      }
    >
      <Stack gap={16}>
        {create.error ? <Refusal title={t('audiences.saveFailed')} error={create.error} /> : null}
        <Row gap={16}>
          <div style={{ flex: '1 1 260px', maxInlineSize: 460 }}>
            <TextField autoFocus required label={t('audiences.name')} value={name} onChange={setName} />
          </div>
          <div style={{ alignSelf: 'end' }}>
            <Segments
              label={t('audiences.kindName')}
              value={isList ? 'list' : 'dynamic'}
              choices={[
                { value: 'dynamic', label: t('audiences.is.dynamic') },
                { value: 'list', label: t('audiences.is.static') },
              ]}
              onChange={(kind) => url.set({ kind: kind === 'list' ? 'list' : null })}
            />
          </div>
        </Row>
        {isList ? (
          <Card title={t('audiences.is.static')}>
            <p className={styles.hint}>{t('audiences.listHint')}</p>
          </Card>
        ) : (
          <div className={styles.columns}>
            <Card title={t('audiences.conditions')}>
              <GroupEditor label={t('audiences.conditions')} group={group} onChange={setGroup} />
            </Card>
            <LiveSize group={group} />
          </div>
        )}
      </Stack>
    </Page>
  );
}
