import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import { useText } from '../text.tsx';
import { reasonOf } from './states.tsx';
import { toast } from './toast.tsx';

/**
 * An act that a slip of the hand can cause and that the server can take back: it is done at once, without a question,
 * and a notice offers to undo it. `changes` are the queries that show another thing after it. A refusal is in the
 * mutation's `error`, for the place where it happened; one of the undoing is a notice, as the place may be gone.
 */
export function useUndoable<V>({
  act,
  undo,
  done,
  changes,
}: {
  act: (what: V) => Promise<unknown>;
  undo: (what: V) => Promise<unknown>;
  done: (what: V) => string;
  changes: readonly QueryKey[];
}) {
  const t = useText();
  const queries = useQueryClient();
  const refresh = () => Promise.all(changes.map((queryKey) => queries.invalidateQueries({ queryKey })));
  const takeBack = async (what: V) => {
    try {
      await undo(what);
      toast(t('kit.undone'));
    } catch (error) {
      toast(t('kit.undoFailed', { why: reasonOf(error, t) }), { bad: true });
    }
    await refresh();
  };
  return useMutation({
    mutationFn: act,
    onSuccess: (_answer, what) => toast(done(what), { undo: () => takeBack(what) }),
    onSettled: refresh,
  });
}
