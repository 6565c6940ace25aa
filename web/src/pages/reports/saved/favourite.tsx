import { IconStar, IconStarFilled } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { IconButton } from '../../../kit/button.tsx';
import { useText } from '../../../text.tsx';
import type { SavedAbout, SavedCalls } from './calls.ts';

/** Makes something saved one of one's favourites, or not. */
export function FavouriteButton({ of, calls, small }: { of: SavedAbout; calls: SavedCalls; small?: boolean }) {
  const t = useText();
  const queries = useQueryClient();
  const set = useMutation({
    mutationFn: () => calls.favourite(of.id, !of.favourite),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['saved', calls.path] }),
  });
  const shown = set.isPending ? !of.favourite : of.favourite;
  return (
    <IconButton
      small={small ?? false}
      label={t(shown ? 'saved.notFavouriteNamed' : 'saved.favouriteNamed', { name: of.name })}
      onClick={() => set.mutate()}
    >
      {shown ? <IconStarFilled size={16} color="var(--accent-ink)" /> : <IconStar size={16} />}
    </IconButton>
  );
}
