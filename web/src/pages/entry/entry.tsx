import { type ReactNode, useEffect } from 'react';
import { SampleTimeline } from '../../events/sample-timeline.tsx';
import { Mark } from '../../kit/mark.tsx';
import { applyPreferences } from '../../preferences.ts';
import { currentLanguage, LANGUAGES, type Language, useText } from '../../text.tsx';
import styles from './entry.module.css';

/** The page before one is in: the form at the start, beside it what the product shows. */
export function Entry({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  const t = useText();
  useEffect(() => {
    document.title = `${title} · Throughline`;
  }, [title]);
  return (
    <div className={styles.entry}>
      <main className={styles.side}>
        <div className={styles.form}>
          <div className={styles.brand}>
            <Mark size={30} /> Throughline
          </div>
          <h1>{title}</h1>
          <p className={styles.lead}>{lead}</p>
          {children}
          <fieldset className={styles.languages} aria-label={t('user.language')}>
            {Object.entries(LANGUAGES).map(([language, name]) => (
              <button
                key={language}
                type="button"
                lang={language}
                aria-pressed={currentLanguage() === language}
                onClick={() => applyPreferences({ language: language as Language })}
              >
                {name}
              </button>
            ))}
          </fieldset>
        </div>
      </main>
      <aside className={styles.show} aria-hidden inert>
        <h2>{t('entry.promise')}</h2>
        <SampleTimeline />
      </aside>
    </div>
  );
}
