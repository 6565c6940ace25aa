import { useUndoable } from '../../../kit/undoable.ts';
import { useText } from '../../../text.tsx';
import type { SavedAbout, SavedCalls } from './calls.ts';

/** Deletes something saved; the notice takes it back. */
export function useRemoval(calls: SavedCalls) {
  const t = useText();
  return useUndoable<SavedAbout>({
    act: (of) => calls.remove(of.id),
    undo: (of) => calls.restore(of.id),
    done: (of) => t('saved.deletedNamed', { name: of.name }),
    changes: [['saved', calls.path, 'list']],
  });
}
