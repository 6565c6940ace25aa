import { useMutation, useQueryClient } from '@tanstack/react-query';
import { reasonOf } from '../../kit/states.tsx';
import { toast } from '../../kit/toast.tsx';
import { useText } from '../../text.tsx';
import { type Filter, quarantine } from './calls.ts';

/** Throws events away at once, and offers to bring them back. */
export function useRemoval(after: () => void) {
  const t = useText();
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: ['quarantine'] });
  const undo = async (id: string) => {
    try {
      await quarantine.undoRemove(id);
      toast(t('kit.undone'));
    } catch (error) {
      toast(t('kit.undoFailed', { why: reasonOf(error, t) }), { bad: true });
    }
    await refresh();
  };
  return useMutation({
    mutationFn: (what: string | Filter) =>
      typeof what === 'string' ? quarantine.remove(what) : quarantine.removeAll(what),
    onSuccess: ({ id, count }) => {
      toast(t('quarantine.removed', { count }), { undo: () => undo(id) });
      after();
    },
    onSettled: refresh,
  });
}
