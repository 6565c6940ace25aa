import { Link } from 'react-router';
import { Row } from '../../kit/layout.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';

/** Where the cause can be mended: the plan's rule where one was broken, else what the source does with its events. */
export function CauseLinks({
  step,
  type,
  event,
  sourceId,
}: {
  step: string;
  type: string;
  event: string;
  sourceId: string;
}) {
  const t = useText();
  const maySee = useMay('catalogue.read');
  const maySources = useMay('sources.read');
  return (
    <Row gap={16}>
      {step === 'plan' && maySee ? (
        <Link to={`/catalogue/${encodeURIComponent(type)}/${encodeURIComponent(event || type)}`}>
          {t('quarantine.mendRule')}
        </Link>
      ) : null}
      {maySources && sourceId !== '0' ? (
        <Link to={`/sources/${encodeURIComponent(sourceId)}`}>{t('quarantine.mendSource')}</Link>
      ) : null}
    </Row>
  );
}
