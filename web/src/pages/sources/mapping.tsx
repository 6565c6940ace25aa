import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api.ts';
import { Button } from '../../kit/button.tsx';
import { CodeField } from '../../kit/field.tsx';
import { Card, Row, Stack } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useText } from '../../text.tsx';
import type { Source } from '../../wire.ts';
import { isConnectionKind } from './connection-calls.ts';
import { EXAMPLE_MAPPING } from './snippets.ts';

/** How what comes in becomes events, in JSONata. */
export function MappingCard({ source, mayWrite }: { source: Source; mayWrite: boolean }) {
  const t = useText();
  const queries = useQueryClient();
  const [text, setText] = useState(source.mapping ?? '');
  const changed = text !== (source.mapping ?? '');
  const save = useMutation({
    mutationFn: () => api.changeSource(source.id, { mapping: text.trim() === '' ? null : text }),
    onSuccess: (saved) => {
      queries.setQueryData(['source', source.id], saved);
      setText(saved.mapping ?? '');
      toast(t('source.mappingSaved'));
    },
  });
  return (
    <Card
      title={t('source.mapping')}
      hint={
        <>
          {t(isConnectionKind(source.kind) ? 'connection.mappingHint' : 'source.mappingHint')}{' '}
          <a href="https://docs.jsonata.org" target="_blank" rel="noreferrer noopener">
            JSONata
          </a>
        </>
      }
    >
      <Stack gap={12}>
        {save.error ? <Refusal title={t('source.mappingFailed')} error={save.error} /> : null}
        <CodeField
          label={t('source.expression')}
          value={text}
          onChange={setText}
          placeholder={EXAMPLE_MAPPING}
          rows={12}
        />
        {mayWrite ? (
          <Row>
            <Button look="main" busy={save.isPending} disabled={!changed} onClick={() => save.mutate()}>
              {t('kit.save')}
            </Button>
            {changed ? (
              <Button look="quiet" onClick={() => setText(source.mapping ?? '')}>
                {t('kit.revert')}
              </Button>
            ) : null}
            {text === '' ? (
              <Button look="quiet" onClick={() => setText(EXAMPLE_MAPPING)}>
                {t('source.mappingExample')}
              </Button>
            ) : null}
          </Row>
        ) : null}
      </Stack>
    </Card>
  );
}
