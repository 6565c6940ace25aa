import { LinkButton } from '../../kit/button.tsx';
import { late } from '../../kit/late.tsx';
import { Row } from '../../kit/layout.tsx';
import { Nothing } from '../../kit/states.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { KindPicture } from './kind-picture.tsx';

const SampleButton = late(() => import('../people/sample-button.tsx').then((part) => part.SampleButton));

/** Before anything has happened: what reports are for, and how to have something to look at. */
export function NoEvents() {
  const t = useText();
  const mayConnect = useMay('sources.write');
  return (
    <Nothing
      title={t('reports.emptyTitle')}
      text={t('reports.emptyText')}
      actions={
        <Row>
          {mayConnect ? (
            <LinkButton look="main" to="/sources?new=1">
              {t('reports.connect')}
            </LinkButton>
          ) : null}
          <SampleButton look={mayConnect ? 'plain' : 'main'} />
        </Row>
      }
      preview={<KindPicture kind="trend" large />}
    />
  );
}
