import {
  IconCopyPlus,
  IconDoorEnter,
  IconFlag,
  IconGitBranch,
  IconLanguage,
  IconPalette,
  IconPlus,
  IconTrash,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Button, IconButton } from '../../kit/button.tsx';
import { Picker } from '../../kit/picker.tsx';
import { toast } from '../../kit/toast.tsx';
import { useText } from '../../text.tsx';
import { duplicated, newId, newQuestion, type Question, type QuestionKind, textIn } from './draft.ts';
import { useEditing } from './editing.ts';
import { KIND_GROUPS, KindIcon } from './kinds.tsx';
import { useEndingName, useNameOf } from './names.ts';
import { Reorder } from './reorder.tsx';
import styles from './surveys.module.css';

/** Everything a survey consists of, in its order: the welcome, the questions, the endings; and its look and languages. */
export function QuestionList({
  at,
  onOpen,
  seen,
}: {
  /** What is open in the editor. */
  at: string;
  onOpen: (at: string, isNew?: boolean) => void;
  /** The question that the preview shows. */
  seen: string | null;
}) {
  const t = useText();
  const nameOf = useNameOf();
  const endingName = useEndingName();
  const { definition, change, language, locked } = useEditing();
  const questions = (next: (all: Question[]) => Question[]) =>
    change((now) => ({ ...now, questions: next(now.questions) }));
  const add = (kind: QuestionKind) => {
    const made = newQuestion(kind);
    const open = definition.questions.findIndex((one) => one.id === at);
    const place = open < 0 ? definition.questions.length : open + 1;
    questions((all) => all.toSpliced(place, 0, made));
    onOpen(made.id, true);
  };
  const remove = (question: Question) => {
    const index = definition.questions.indexOf(question);
    questions((all) => all.filter((one) => one.id !== question.id));
    if (at === question.id) onOpen((definition.questions[index + 1] ?? definition.questions[index - 1])?.id ?? '');
    toast(t('surveyEdit.removedNamed', { name: nameOf(question) }), {
      undo: () => {
        questions((all) => all.toSpliced(index, 0, question));
        onOpen(question.id);
      },
    });
  };
  const duplicate = (question: Question) => {
    const made = duplicated(definition.questions, question.id);
    questions(() => made.questions);
    onOpen(made.id);
  };
  const addEnding = () => {
    const id = newId('e');
    change((now) => ({ ...now, endings: [...now.endings, { id, title: {}, screenedOut: false }] }));
    onOpen(`ending:${id}`, true);
  };
  const words = (question: Question) =>
    textIn(question.title, language, definition.defaultLanguage) || t('surveyEdit.withoutWords');
  return (
    <div className={styles.list}>
      {definition.welcome ? (
        <Entry at="welcome" open={at} icon={<IconDoorEnter size={16} stroke={1.7} aria-hidden />} onOpen={onOpen}>
          {textIn(definition.welcome.title, language, definition.defaultLanguage) || t('surveyEdit.welcome')}
        </Entry>
      ) : locked ? null : (
        <Button
          small
          look="quiet"
          icon={<IconPlus size={15} />}
          onClick={() => {
            change((now) => ({ ...now, welcome: { title: {} } }));
            onOpen('welcome', true);
          }}
        >
          {t('surveyEdit.addWelcome')}
        </Button>
      )}
      <Reorder
        label={t('surveyEdit.questions')}
        items={definition.questions}
        nameOf={(question) => nameOf(question)}
        fixed={locked}
        className={styles.questions}
        onOrder={(order) => questions((all) => order.map(({ id }) => all.find((one) => one.id === id)!))}
      >
        {(question, index, handle) => (
          <div
            className={styles.question}
            data-open={at === question.id || undefined}
            data-seen={seen === question.id || undefined}
          >
            {handle}
            <button
              type="button"
              className={styles.questionName}
              aria-current={at === question.id ? 'true' : undefined}
              onClick={() => onOpen(question.id)}
            >
              <span className={styles.questionHead}>
                <KindIcon kind={question.kind} size={15} />
                <span>{index + 1}</span>
                {question.showIf || question.jumps.length > 0 ? (
                  <span className={styles.hasLogic} title={t('surveyEdit.logic')}>
                    <IconGitBranch size={13} aria-hidden />
                    <span className="hidden-visually">{t('surveyEdit.logic')}</span>
                  </span>
                ) : null}
              </span>
              <bdi className={styles.questionWords}>{words(question)}</bdi>
            </button>
            {locked ? null : (
              <span className={styles.questionTools}>
                <IconButton
                  small
                  label={t('surveyEdit.duplicateNamed', { name: nameOf(question) })}
                  onClick={() => duplicate(question)}
                >
                  <IconCopyPlus size={15} />
                </IconButton>
                <IconButton
                  small
                  label={t('surveyEdit.removeNamed', { name: nameOf(question) })}
                  onClick={() => remove(question)}
                >
                  <IconTrash size={15} />
                </IconButton>
              </span>
            )}
          </div>
        )}
      </Reorder>
      {locked ? null : (
        <Picker
          tall
          searchable
          handsOnFocus
          label={t('surveyEdit.addQuestion')}
          icon={<IconPlus size={16} aria-hidden />}
          chosen={[]}
          onPick={(kind) => add(kind as QuestionKind)}
          groups={(Object.keys(KIND_GROUPS) as (keyof typeof KIND_GROUPS)[]).map((key) => ({
            key,
            label: t(`surveyEdit.kinds.${key}`),
            items: KIND_GROUPS[key].map((kind) => ({
              value: kind,
              label: t(`surveys.kind.${kind}`),
              icon: <KindIcon kind={kind} />,
            })),
          }))}
        >
          {t('surveyEdit.addQuestion')}
        </Picker>
      )}
      <h2 className={styles.listHead}>{t('surveyEdit.endings')}</h2>
      {definition.endings.map((ending, index) => (
        <Entry
          key={ending.id}
          at={`ending:${ending.id}`}
          open={at}
          icon={<IconFlag size={16} stroke={1.7} aria-hidden />}
          onOpen={onOpen}
        >
          {endingName(ending, index)}
        </Entry>
      ))}
      {locked ? null : (
        <Button small look="quiet" icon={<IconPlus size={15} />} onClick={addEnding}>
          {t('surveyEdit.addEnding')}
        </Button>
      )}
      <hr className={styles.rule} />
      <Entry at="look" open={at} icon={<IconPalette size={16} stroke={1.7} aria-hidden />} onOpen={onOpen}>
        {t('surveyEdit.lookTitle')}
      </Entry>
      <Entry at="translations" open={at} icon={<IconLanguage size={16} stroke={1.7} aria-hidden />} onOpen={onOpen}>
        {t('surveyEdit.translations')}
      </Entry>
    </div>
  );
}

function Entry({
  at,
  open,
  icon,
  onOpen,
  children,
}: {
  at: string;
  open: string;
  icon: ReactNode;
  onOpen: (at: string) => void;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      className={styles.entry}
      data-open={open === at || undefined}
      aria-current={open === at ? 'true' : undefined}
      onClick={() => onOpen(at)}
    >
      {icon}
      <bdi className={styles.questionWords}>{children}</bdi>
    </button>
  );
}
