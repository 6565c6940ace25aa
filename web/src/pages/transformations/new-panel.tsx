import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { Button } from '../../kit/button.tsx';
import { TextField } from '../../kit/field.tsx';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { calls } from './calls.ts';
import { TEMPLATE_NAMES, TEMPLATES, type TemplateName } from './templates.ts';
import styles from './transformations.module.css';

/** Names a new transformation and chooses what it starts from; then its own page opens. */
export function NewPanel({ sourceId, onClose }: { sourceId: string; onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [template, setTemplate] = useState<TemplateName>('javascript');
  const [given, setGiven] = useState('');
  const name = given.trim() || t(`transformations.template.${template}`);
  const create = useMutation({
    mutationFn: () => calls.create(sourceId, { name, content: TEMPLATES[template] }),
    onSuccess: (made) => {
      queries.invalidateQueries({ queryKey: ['transformations', sourceId] });
      navigate(`/sources/${sourceId}/transformations/${made.id}`);
    },
  });
  return (
    <SidePanel
      title={t('transformations.new')}
      onClose={onClose}
      foot={
        <Button look="main" busy={create.isPending} onClick={() => create.mutate()}>
          {t('transformations.create')}
        </Button>
      }
    >
      <Stack gap={20}>
        {create.error ? <Refusal title={t('transformations.createFailed')} error={create.error} /> : null}
        <TextField label={t('transformations.name')} value={given} placeholder={name} onChange={setGiven} autoFocus />
        <fieldset className={styles.templates}>
          <legend>{t('transformations.startFrom')}</legend>
          {TEMPLATE_NAMES.map((one) => (
            <label key={one} className={styles.template}>
              <input
                type="radio"
                name="template"
                value={one}
                checked={template === one}
                onChange={() => setTemplate(one)}
              />
              <div>
                <strong>{t(`transformations.template.${one}`)}</strong>
                <span>{t(`transformations.templateHint.${one}`)}</span>
              </div>
            </label>
          ))}
        </fieldset>
      </Stack>
    </SidePanel>
  );
}
