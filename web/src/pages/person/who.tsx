import { IconBuilding, IconCheck, IconX } from '@tabler/icons-react';
import { formatExact, humanise } from '../../format.ts';
import { Tag, Time } from '../../kit/data.tsx';
import { Card } from '../../kit/layout.tsx';
import { useSources } from '../../sources.ts';
import { hasMessage, useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import type { Person } from '../../wire.ts';
import { HIDDEN, Shown } from './hidden.tsx';
import { identifierName } from './identifier-name.ts';
import { Merges } from './merges.tsx';
import styles from './person.module.css';
import { traitText } from './trait-text.ts';

/** A trait's name as people read it. */
export function useTraitName(): (name: string) => string {
  const t = useText();
  return (name) => {
    const key = `trait.${name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())}`;
    const words = hasMessage(key) ? t(key) : humanise(name);
    return words.charAt(0).toLocaleUpperCase() + words.slice(1);
  };
}

function Identities({ person }: { person: Person }) {
  const t = useText();
  const { nameOf } = useSources();
  return (
    <Card title={t('person.identities')}>
      {person.identifiers.length === 0 ? <p className={styles.none}>{t('person.noIdentities')}</p> : null}
      <ul>
        {person.identifiers.map((identifier) => (
          <li key={`${identifier.kind} ${identifier.value}`} className={styles.item}>
            <span className={styles.kind}>{identifierName(identifier.kind, t)}</span>
            <span className={styles.value}>
              <Shown value={identifier.value}>{identifier.value}</Shown>
            </span>
            <span className={styles.origin}>
              {nameOf(identifier.sourceId)} · <Time at={identifier.firstSeenAt} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Traits({ person }: { person: Person }) {
  const t = useText();
  const url = useUrlState();
  const traitName = useTraitName();
  const { nameOf } = useSources();
  const traits = Object.entries(person.traits);
  return (
    <Card title={t('person.traits')}>
      {traits.length === 0 ? <p className={styles.none}>{t('person.noTraits')}</p> : null}
      <ul>
        {traits.map(([name, trait]) => (
          <li key={name} className={styles.item}>
            <span className={styles.kind}>{traitName(name)}</span>
            <button
              type="button"
              className={styles.button}
              aria-label={t('person.traitHistory', {
                name: traitName(name),
                value: trait.value === HIDDEN ? t('hidden.value') : traitText(trait.value),
              })}
              onClick={() => url.set({ trait: name, event: null, at: null }, true)}
            >
              <Shown value={trait.value}>{traitText(trait.value)}</Shown>
            </button>
            <span className={styles.origin} title={formatExact(trait.at)}>
              {nameOf(trait.sourceId)} · <Time at={trait.at} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Consent({ person }: { person: Person }) {
  const t = useText();
  const purposes = Object.entries(person.consent);
  return (
    <Card title={t('person.consent')}>
      {purposes.length === 0 ? <p className={styles.none}>{t('person.noConsent')}</p> : null}
      <ul>
        {purposes.map(([purpose, consent]) => (
          <li key={purpose} className={styles.item}>
            <span style={{ display: 'flex', justifyContent: 'space-between', gap: 8 }}>
              <span>{humanise(purpose)}</span>
              <Tag
                tone={consent.granted ? 'good' : 'bad'}
                icon={consent.granted ? <IconCheck size={12} aria-hidden /> : <IconX size={12} aria-hidden />}
              >
                {consent.granted ? t('person.granted') : t('person.denied')}
              </Tag>
            </span>
            <span className={styles.origin}>
              <Time at={consent.at} />
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Who: identities, traits, consent, accounts and the merges that made this person. */
export function Who({ person }: { person: Person }) {
  const t = useText();
  return (
    <>
      <Identities person={person} />
      <Traits person={person} />
      <Consent person={person} />
      {person.accounts.length > 0 ? (
        <Card title={t('person.accounts')}>
          <ul>
            {person.accounts.map((account) => (
              <li key={account.id} className={styles.item}>
                <span style={{ display: 'flex', gap: 8, alignItems: 'center' }}>
                  <IconBuilding size={16} style={{ flex: 'none' }} aria-hidden />
                  <span className={styles.value}>{account.name ?? account.key}</span>
                </span>
                {account.name ? <span className={styles.origin}>{account.key}</span> : null}
              </li>
            ))}
          </ul>
        </Card>
      ) : null}
      {person.merges.length > 0 ? <Merges person={person} /> : null}
    </>
  );
}
