import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '../kit/button.tsx';
import { Switch, TextField } from '../kit/field.tsx';
import { Stack } from '../kit/layout.tsx';
import { SidePanel } from '../kit/panel.tsx';
import { Refusal } from '../kit/states.tsx';
import { toast } from '../kit/toast.tsx';
import { useMay } from '../session.tsx';
import { useText } from '../text.tsx';
import { type View, viewCalls } from './views.ts';

/** Saves a new view under a name, or gives one another name. */
export function ViewPanel({
  list,
  query,
  view,
  onSaved,
  onClose,
}: {
  list: string;
  query: string;
  view: View | undefined;
  onSaved: (view: View) => void;
  onClose: () => void;
}) {
  const t = useText();
  const queries = useQueryClient();
  const mayShare = useMay('views.write');
  const [name, setName] = useState(view?.name ?? '');
  const [shared, setShared] = useState(view?.shared ?? false);
  const [first, setFirst] = useState(view?.isDefault ?? false);
  const save = useMutation({
    mutationFn: async () => {
      const saved = view
        ? await viewCalls.change(view.id, { name, ...(shared === view.shared ? {} : { shared }) })
        : await viewCalls.create({ list, name, query, shared });
      if (first !== (view?.isDefault ?? false)) await viewCalls.openWith(list, first ? saved.id : null);
      return saved;
    },
    onSuccess: async (saved) => {
      toast(t('views.saved'));
      await queries.invalidateQueries({ queryKey: ['views', list] });
      if (!view) onSaved(saved);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <SidePanel
      title={view ? t('views.renameTitle') : t('views.newTitle')}
      sub={view ? view.name : t('views.newHint')}
      onClose={onClose}
    >
      <form onSubmit={submit}>
        <Stack gap={18}>
          {save.error ? <Refusal title={t('views.failed')} error={save.error} /> : null}
          <TextField label={t('views.name')} value={name} onChange={setName} autoFocus required />
          {mayShare ? <Switch label={t('views.shareLabel')} checked={shared} onChange={setShared} /> : null}
          <Switch label={t('views.defaultLabel')} checked={first} onChange={setFirst} />
          <Button type="submit" look="main" busy={save.isPending} disabled={name.trim() === ''}>
            {t('kit.save')}
          </Button>
        </Stack>
      </form>
    </SidePanel>
  );
}
