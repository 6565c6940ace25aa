import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { LinkButton } from '../../kit/button.tsx';
import { Card, Row, Stack } from '../../kit/layout.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { calls } from './calls.ts';
import { StateTag } from './state-tag.tsx';

/** On a source's page: what its events pass, and the way to it. */
export function TransformationsCard({ sourceId }: { sourceId: string }) {
  const t = useText();
  const mayRead = useMay('transformations.read');
  const list = useQuery({
    queryKey: ['transformations', sourceId],
    queryFn: () => calls.list(sourceId),
    enabled: mayRead,
  });
  if (!mayRead) return null;
  const path = `/sources/${sourceId}/transformations`;
  return (
    <Card title={t('transformations.title')} hint={t('transformations.purpose')}>
      <Stack gap={10}>
        {list.data?.items.map((one) => (
          <Row key={one.id} style={{ justifyContent: 'space-between' }}>
            <Link to={`${path}/${one.id}`} style={{ overflowWrap: 'anywhere' }}>
              {one.name}
            </Link>
            <StateTag of={one} />
          </Row>
        ))}
        <div>
          <LinkButton small to={path}>
            {t('transformations.open')}
          </LinkButton>
        </div>
      </Stack>
    </Card>
  );
}
