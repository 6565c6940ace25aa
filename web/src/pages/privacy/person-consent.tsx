import { IconCheck, IconX } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, IconButton } from '../../kit/button.tsx';
import { Tag, Time } from '../../kit/data.tsx';
import { Row } from '../../kit/layout.tsx';
import { Parts } from '../../kit/parts.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useMay } from '../../session.tsx';
import { useText } from '../../text.tsx';
import { type PersonPrivacy, privacyApi } from './calls.ts';
import styles from './privacy.module.css';
import { Section } from './section.tsx';

type PurposeState = PersonPrivacy['purposes'][number];
type Statement = PersonPrivacy['history'][number];

function State({ purpose }: { purpose: PurposeState }) {
  const t = useText();
  if (purpose.objection) return <Tag tone="bad">{t('privacy.person.objected')}</Tag>;
  if (purpose.granted === null) {
    const basis = purpose.legalBasis;
    return purpose.needsConsent || !basis ? (
      <Tag>{t('privacy.person.unsaid')}</Tag>
    ) : (
      <Tag>{t('privacy.person.noNeed', { basis: t(`privacy.basis.${basis}`) })}</Tag>
    );
  }
  return purpose.granted ? (
    <Tag tone="good" icon={<IconCheck size={12} aria-hidden />}>
      {t('privacy.person.granted')}
    </Tag>
  ) : (
    <Tag tone="bad" icon={<IconX size={12} aria-hidden />}>
      {t('privacy.person.denied')}
    </Tag>
  );
}

function Said({ statement, nameOf }: { statement: Statement; nameOf: (key: string) => string }) {
  const t = useText();
  const how = {
    event: t('privacy.person.howEvent', { source: statement.sourceName ?? '?' }),
    staff: t('privacy.person.howStaff'),
    request: t('privacy.person.howRequest'),
  };
  return (
    <li className={styles.item}>
      <Row style={{ justifyContent: 'space-between' }}>
        <span>{nameOf(statement.purpose)}</span>
        <Tag tone={statement.granted ? 'good' : 'bad'}>
          {statement.granted ? t('privacy.person.granted') : t('privacy.person.denied')}
        </Tag>
      </Row>
      <div className={styles.facts} title={statement.proof}>
        <Parts
          of={[
            <Time key="at" at={statement.at} />,
            how[statement.how],
            statement.textVersion ? (
              <span key="text" title={statement.text ?? ''}>
                {t('privacy.person.version', { version: statement.textVersion })}
              </span>
            ) : null,
            statement.language,
            statement.country,
          ]}
        />
        {statement.url ? <div>{statement.url}</div> : null}
      </div>
    </li>
  );
}

/** What the person agreed to, purpose by purpose, with what was said when. */
export function PersonConsent({ privacy }: { privacy: PersonPrivacy }) {
  const t = useText();
  const queries = useQueryClient();
  const mayWrite = useMay('privacy.act');
  const act = useMutation({
    // One after the other: each answer says how everything stands.
    scope: { id: `privacy of ${privacy.id}` },
    mutationFn: (work: () => Promise<PersonPrivacy>) => work(),
    onSuccess: (now) => {
      queries.setQueryData(['person', privacy.id, 'privacy'], now);
      queries.invalidateQueries({ queryKey: ['person', privacy.id], exact: true });
    },
  });
  const nameOf = (key: string) => privacy.purposes.find((one) => one.key === key)?.name ?? key;
  return (
    <Section title={t('privacy.person.consent')}>
      {act.error ? <Refusal title={t('privacy.notSaved')} error={act.error} /> : null}
      <ul className={styles.list}>
        {privacy.purposes.map((purpose) => (
          <li key={purpose.key} className={styles.item}>
            <Row style={{ justifyContent: 'space-between' }}>
              <span>
                {purpose.name}{' '}
                <span style={{ color: 'var(--ink-faint)', fontSize: '0.75rem' }}>
                  {purpose.since ? <Time at={purpose.since} /> : null}
                </span>
              </span>
              <Row>
                <State purpose={purpose} />
                {mayWrite && purpose.needsConsent && !purpose.objection ? (
                  <>
                    <IconButton
                      small
                      label={t('privacy.person.grant', { name: purpose.name })}
                      onClick={() =>
                        act.mutate(() => privacyApi.consent(privacy.id, { purpose: purpose.key, granted: true }))
                      }
                    >
                      <IconCheck size={16} />
                    </IconButton>
                    <IconButton
                      small
                      label={t('privacy.person.deny', { name: purpose.name })}
                      onClick={() =>
                        act.mutate(() => privacyApi.consent(privacy.id, { purpose: purpose.key, granted: false }))
                      }
                    >
                      <IconX size={16} />
                    </IconButton>
                  </>
                ) : null}
                {mayWrite && (purpose.objection || !purpose.needsConsent) ? (
                  <Button
                    small
                    look="quiet"
                    onClick={() =>
                      act.mutate(() =>
                        purpose.objection
                          ? privacyApi.takeBack(privacy.id, purpose.key)
                          : privacyApi.object(privacy.id, purpose.key),
                      )
                    }
                  >
                    {purpose.objection ? t('privacy.person.back') : t('privacy.person.object')}
                    <span className="hidden-visually">
                      {' '}
                      {purpose.objection
                        ? t('privacy.person.takeBack', { name: purpose.name })
                        : t('privacy.person.objectTo', { name: purpose.name })}
                    </span>
                  </Button>
                ) : null}
              </Row>
            </Row>
          </li>
        ))}
      </ul>
      <details className={styles.history}>
        <summary>{t('privacy.person.history')}</summary>
        {privacy.history.length === 0 ? (
          <p className={styles.hint}>{t('privacy.person.noHistory')}</p>
        ) : (
          <ul className={styles.list}>
            {privacy.history.map((statement) => (
              <Said key={statement.id} statement={statement} nameOf={nameOf} />
            ))}
          </ul>
        )}
      </details>
    </Section>
  );
}
