import { IconLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import { api } from '../../api.ts';
import { formatCountry } from '../../format.ts';
import { CopyButton } from '../../kit/button.tsx';
import { Avatar, Tag } from '../../kit/data.tsx';
import { useNarrow } from '../../kit/hooks.ts';
import { Page, Row } from '../../kit/layout.tsx';
import { Loading, Refusal, Skeleton } from '../../kit/states.tsx';
import { useMe } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { PersonAudiences } from '../audiences/person-audiences.tsx';
import { PrivacyCard } from '../privacy/person-card.tsx';
import { PrivacyPanel } from '../privacy/person-panel.tsx';
import { PersonRecordings } from '../replay/person-recordings.tsx';
import { HIDDEN } from './hidden.tsx';
import { Line } from './line.tsx';
import { Now } from './now.tsx';
import styles from './person.module.css';
import { TraitPanel } from './trait-panel.tsx';
import { Who } from './who.tsx';

const PHONE = 700;

function PersonSkeleton() {
  return (
    <Loading>
      <Row gap={16} style={{ marginBlockEnd: 28 }}>
        <Skeleton width={48} height={48} round />
        <Skeleton width={220} height={20} />
      </Row>
      <div className={styles.grid}>
        <div className={styles.now}>
          <Skeleton height={120} />
        </div>
        <div className={styles.who}>
          <Skeleton height={180} />
          <Skeleton height={240} />
        </div>
        <div className={styles.middle}>
          <Skeleton height={420} />
        </div>
      </div>
    </Loading>
  );
}

/** The heart: who (start), the line (middle), what now (end). */
export function PersonPage() {
  const t = useText();
  const url = useUrlState();
  const me = useMe();
  const { personId = '' } = useParams();
  const phone = useNarrow(PHONE);
  const query = useQuery({ queryKey: ['person', personId], queryFn: () => api.person(personId) });
  const person = query.data;
  const back = { to: '/people', label: t('nav.people') };
  if (!person) {
    return (
      <Page title="" heading={<span />} back={back}>
        {query.error ? (
          <Refusal title={t('person.failed')} error={query.error} onRetry={() => query.refetch()} />
        ) : (
          <PersonSkeleton />
        )}
      </Page>
    );
  }
  const email = person.identifiers.find(({ kind, value }) => kind === 'email' && value !== HIDDEN)?.value;
  const trait = url.get('trait');
  return (
    <Page
      title={person.displayName}
      back={back}
      heading={
        <div className={styles.head}>
          <Avatar name={person.displayName} size={48} />
          <div style={{ minInlineSize: 0 }}>
            <h1>
              <bdi>{person.displayName}</bdi>
            </h1>
            <div className={styles.sub}>
              {email && email !== person.displayName ? email : t('person.id', { id: person.id })}
              {person.country ? ` · ${formatCountry(person.country)}` : null}
              <CopyButton
                small
                value={email && email !== person.displayName ? email : person.id}
                label={t('kit.copyNamed', { what: person.displayName })}
              />
            </div>
            {me.hidesPersonalData ? <Tag icon={<IconLock size={12} aria-hidden />}>{t('hidden.why')}</Tag> : null}
          </div>
        </div>
      }
    >
      <div className={styles.grid}>
        <div className={styles.now}>
          <Now person={person} />
          <PersonRecordings personId={person.id} />
          <PersonAudiences personId={person.id} />
          <PrivacyCard personId={person.id} />
        </div>
        <div className={styles.who}>
          {phone ? (
            <details className={styles.about}>
              <summary>{t('person.about')}</summary>
              <div className={styles.aboutBody}>
                <Who person={person} />
              </div>
            </details>
          ) : (
            <Who person={person} />
          )}
        </div>
        <div className={styles.middle}>
          <Line person={person} key={person.id} />
        </div>
      </div>
      {url.get('privacy') ? (
        <PrivacyPanel personId={person.id} name={person.displayName} onClose={() => url.set({ privacy: null })} />
      ) : null}
      {trait ? <TraitPanel person={person} trait={trait} onClose={() => url.set({ trait: null })} /> : null}
    </Page>
  );
}
