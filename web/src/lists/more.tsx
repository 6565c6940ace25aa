import { Button } from '../kit/button.tsx';
import { useText } from '../text.tsx';

/** A list that is fetched page by page, as far as the button below it asks. */
interface Paged {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
}

/** Fetches the next page of a list; nothing where there is none. */
export function MoreOf({ list }: { list: Paged }) {
  const t = useText();
  if (!list.hasNextPage) return null;
  return (
    <div style={{ display: 'flex', justifyContent: 'center', padding: 16 }}>
      <Button busy={list.isFetchingNextPage} onClick={() => list.fetchNextPage()}>
        {t('kit.more')}
      </Button>
    </div>
  );
}
