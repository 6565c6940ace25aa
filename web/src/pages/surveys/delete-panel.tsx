import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../../kit/button.tsx';
import { Checkbox } from '../../kit/checkbox.tsx';
import { Stack } from '../../kit/layout.tsx';
import { SidePanel } from '../../kit/panel.tsx';
import { Refusal } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useText } from '../../text.tsx';
import { type Survey, surveys } from './calls.ts';

/** Deletes a survey for good; its answers only where that is said. */
export function DeletePanel({ survey, onGone, onClose }: { survey: Survey; onGone: () => void; onClose: () => void }) {
  const t = useText();
  const queries = useQueryClient();
  const [sure, setSure] = useState(false);
  const remove = useMutation({
    mutationFn: () => surveys.remove(survey.id, survey.responses > 0),
    onSuccess: () => {
      queries.invalidateQueries({ queryKey: ['surveys', 'list'] });
      toast(t('surveys.deleted', { name: survey.name }));
      onGone();
    },
  });
  return (
    <SidePanel icon={<IconTrash size={20} aria-hidden />} title={t('surveys.deleteTitle')} onClose={onClose}>
      <Stack gap={16}>
        <p>
          {survey.responses > 0
            ? t('surveys.deleteWithAnswers', { count: survey.responses })
            : t('surveys.deleteWithout')}
        </p>
        {survey.responses > 0 ? <Checkbox label={t('surveys.deleteSure')} checked={sure} onChange={setSure} /> : null}
        {remove.error ? <Refusal title={t('surveys.deleteFailed')} error={remove.error} /> : null}
        <div>
          <Button
            look="danger"
            busy={remove.isPending}
            disabled={survey.responses > 0 && !sure}
            onClick={() => remove.mutate()}
          >
            {t('surveys.deleteNow')}
          </Button>
        </div>
      </Stack>
    </SidePanel>
  );
}
