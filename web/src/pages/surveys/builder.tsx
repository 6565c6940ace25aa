import { useState } from 'react';
import { formatLocaleName } from '../../format.ts';
import { SelectField } from '../../kit/field.tsx';
import { late } from '../../kit/late.tsx';
import { NothingHere } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { useUrlState } from '../../url-state.ts';
import { missingIn } from './draft.ts';
import { type Editing, EditingOf } from './editing.ts';
import { EndingEditor, WelcomeEditor } from './ends-editor.tsx';
import { Preview } from './preview.tsx';
import { QuestionEditor } from './question-editor.tsx';
import { QuestionList } from './question-list.tsx';
import { type Opened, SurveyFrame } from './survey-frame.tsx';
import styles from './surveys.module.css';

const LookEditor = late(() => import('./look-editor.tsx').then((part) => part.LookEditor));
const TranslationsEditor = late(() => import('./translations-editor.tsx').then((part) => part.TranslationsEditor));

/** The builder: what is asked, how each question is, and what customers will see of it. */
export function SurveyPage() {
  return <SurveyFrame part="questions">{(opened) => <Builder {...opened} />}</SurveyFrame>;
}

function Builder({ draft, mayWrite }: Opened) {
  const t = useText();
  const url = useUrlState();
  const { definition } = draft;
  const asked = url.get('language');
  const language = definition.languages.includes(asked) ? asked : definition.defaultLanguage;
  const at = url.get('at') || definition.questions[0]?.id || (definition.welcome ? 'welcome' : '');
  /** What was added last and not left since: its words are written at once. */
  const [added, setAdded] = useState<string | null>(null);
  const open = (place: string, isNew = false) => {
    setAdded(isNew ? place : null);
    url.set({ at: place });
  };
  const [seen, setSeen] = useState<string | null>(null);
  const editing: Editing = { definition, change: mayWrite ? draft.change : () => {}, language, locked: !mayWrite };
  const question = definition.questions.find((one) => one.id === at);
  const ending = definition.endings.find((one) => `ending:${one.id}` === at);
  const missing = missingIn(definition, language);
  return (
    <EditingOf value={editing}>
      <div className={styles.builder}>
        <div className={styles.side}>
          <QuestionList at={at} onOpen={open} seen={seen} />
        </div>
        <div className={styles.editor}>
          {definition.languages.length > 1 && at !== 'translations' ? (
            <div className={styles.languageBar}>
              <SelectField
                hideLabel
                label={t('surveyEdit.writtenIn')}
                width={220}
                value={language}
                choices={definition.languages.map((one) => ({ value: one, label: formatLocaleName(one) }))}
                onChange={(next) => url.set({ language: next === definition.defaultLanguage ? null : next })}
              />
              {missing > 0 ? (
                <button type="button" className={styles.textButton} onClick={() => open('translations')}>
                  {t('surveyEdit.missing', { count: missing })}
                </button>
              ) : null}
            </div>
          ) : null}
          {question ? (
            <QuestionEditor key={question.id} question={question} isNew={added === at} />
          ) : ending ? (
            <EndingEditor key={ending.id} ending={ending} isNew={added === at} />
          ) : at === 'welcome' ? (
            <WelcomeEditor isNew={added === at} />
          ) : at === 'look' ? (
            <LookEditor />
          ) : at === 'translations' ? (
            <TranslationsEditor onOpen={open} />
          ) : (
            <NothingHere title={t('surveyEdit.nothingOpen')} text={t('surveyEdit.nothingOpenText')} />
          )}
        </div>
        <div className={styles.previewRoom}>
          <Preview definition={definition} language={language} at={at} onSeen={setSeen} />
        </div>
      </div>
    </EditingOf>
  );
}
