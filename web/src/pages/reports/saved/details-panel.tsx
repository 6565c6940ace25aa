import { useMutation, useQueryClient } from '@tanstack/react-query';
import { toast } from '../../../kit/toast.tsx';
import { useText } from '../../../text.tsx';
import type { SavedAbout } from './calls.ts';
import { type Named, SavePanel } from './save-panel.tsx';

/** The name of something saved, what it is for, and who may see it. */
export function DetailsPanel({
  of,
  path,
  alwaysShared,
  change,
  onClose,
}: {
  of: SavedAbout;
  path: string;
  alwaysShared?: boolean;
  change: (id: string, named: Partial<Named> & { version: number }) => Promise<unknown>;
  onClose: () => void;
}) {
  const t = useText();
  const queries = useQueryClient();
  const save = useMutation({
    mutationFn: ({ name, description, shared }: Named) =>
      change(of.id, {
        ...(name !== of.name ? { name } : {}),
        ...(description !== of.description ? { description } : {}),
        ...(shared !== of.shared ? { shared } : {}),
        version: of.version,
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['saved', path] });
      toast(t('saved.saved'));
      onClose();
    },
  });
  const { name, description, shared } = of;
  return (
    <SavePanel
      title={t('saved.details')}
      start={{ name, description, shared }}
      mayShare={of.mine && !alwaysShared}
      error={save.error}
      busy={save.isPending}
      onSave={save.mutate}
      onClose={onClose}
    />
  );
}
