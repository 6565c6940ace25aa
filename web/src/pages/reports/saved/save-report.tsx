import { IconDeviceFloppy } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { Button } from '../../../kit/button.tsx';
import { late } from '../../../kit/late.tsx';
import { toast } from '../../../kit/toast.tsx';
import { useMay } from '../../../session.tsx';
import { useText } from '../../../text.tsx';
import { type ReportIn, savedReports } from './calls.ts';
import type { Named } from './save-panel.tsx';

const SavePanel = late(() => import('./save-panel.tsx').then((part) => part.SavePanel));

/** Saves a report that is not saved yet, with how it is drawn, and goes to it. Nothing for who may not save. */
export function SaveReport({
  report,
  view,
  name = '',
  look = 'main',
  as,
}: {
  report: unknown;
  /** How it is drawn: one of the result's views. */
  view: string;
  name?: string;
  look?: 'main' | 'plain';
  /** It is saved already: this makes another of it. */
  as?: boolean;
}) {
  const t = useText();
  const go = useNavigate();
  const queries = useQueryClient();
  const mayWrite = useMay('reports.write');
  const [asking, setAsking] = useState(false);
  const content: ReportIn = { report, display: view ? { view } : {} };
  const save = useMutation({
    mutationFn: (named: Named) => savedReports.create({ ...named, content }),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ['saved', savedReports.path] });
      toast(t('saved.savedNamed', { name: made.name }));
      setAsking(false);
      go(`/reports/${made.id}`);
    },
  });
  if (!mayWrite) return null;
  return (
    <>
      <Button look={look} icon={<IconDeviceFloppy size={16} />} onClick={() => setAsking(true)}>
        {t(as ? 'saved.saveAs' : 'saved.save')}
      </Button>
      {asking ? (
        <SavePanel
          title={t('saved.saveReport')}
          start={{ name, description: '', shared: false }}
          error={save.error}
          busy={save.isPending}
          onSave={save.mutate}
          onClose={() => {
            setAsking(false);
            save.reset();
          }}
        />
      ) : null}
    </>
  );
}
