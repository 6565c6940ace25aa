import { IconPhotoPlus, IconPlus, IconX } from '@tabler/icons-react';
import { Button, IconButton } from '../../kit/button.tsx';
import { toast } from '../../kit/toast.tsx';
import { useText } from '../../text.tsx';
import { newId, type Option } from './draft.ts';
import { useEditing } from './editing.ts';
import { useLabelOf } from './names.ts';
import { PictureField } from './picture-field.tsx';
import { Reorder } from './reorder.tsx';
import styles from './surveys.module.css';
import { TextsField } from './texts-field.tsx';

/** Options, rows or columns: added, worded, put into order, removed with a way back. Several lines pasted become several. */
export function OptionsEditor({
  label,
  prefix,
  options,
  pictures,
  onChange,
}: {
  label: string;
  prefix: 'o' | 'r' | 'c';
  options: readonly Option[];
  pictures?: boolean;
  onChange: (change: (options: Option[]) => Option[]) => void;
}) {
  const t = useText();
  const { locked, language } = useEditing();
  const labelOf = useLabelOf();
  const put = (id: string, change: Partial<Option>) =>
    onChange((all) => all.map((one) => (one.id === id ? { ...one, ...change } : one)));
  const remove = (option: Option, index: number) => {
    onChange((all) => all.filter((one) => one.id !== option.id));
    toast(t('surveyEdit.removedNamed', { name: labelOf(option, index) }), {
      undo: () => onChange((all) => all.toSpliced(index, 0, option)),
    });
  };
  return (
    <div className={styles.options}>
      <span className={styles.label}>{label}</span>
      <Reorder
        label={label}
        items={options}
        nameOf={labelOf}
        fixed={locked}
        onOrder={(order) => onChange((all) => order.map(({ id }) => all.find((one) => one.id === id)!))}
      >
        {(option, index, handle) => (
          <div className={styles.option}>
            {handle}
            <div className={styles.optionWords}>
              <TextsField
                hideLabel
                label={t('surveyEdit.optionNumber', { number: index + 1 })}
                placeholder={t('surveyEdit.optionNumber', { number: index + 1 })}
                texts={option.label}
                onChange={(texts) => {
                  const lines = (texts[language] ?? '').split('\n').filter((line) => line.trim() !== '');
                  const [first = '', ...more] = lines;
                  // Only what is pasted has several lines at once: each is an option.
                  if (more.length === 0) return put(option.id, { label: texts });
                  onChange((all) =>
                    all.flatMap((one) =>
                      one.id === option.id
                        ? [
                            { ...one, label: { ...texts, [language]: first } },
                            ...more.map((line) => ({ id: newId(prefix), label: { [language]: line } })),
                          ]
                        : [one],
                    ),
                  );
                }}
              />
              {pictures ? (
                <PictureField
                  label={t('surveyEdit.pictureOf', { name: labelOf(option, index) })}
                  value={option.picture}
                  onChange={(picture) =>
                    onChange((all) =>
                      all.map((one) => {
                        if (one.id !== option.id) return one;
                        const { picture: _, ...rest } = one;
                        return picture ? { ...rest, picture } : rest;
                      }),
                    )
                  }
                  icon={<IconPhotoPlus size={15} />}
                />
              ) : null}
            </div>
            {locked ? null : (
              <IconButton
                small
                label={t('surveyEdit.removeNamed', { name: labelOf(option, index) })}
                onClick={() => remove(option, index)}
              >
                <IconX size={15} />
              </IconButton>
            )}
          </div>
        )}
      </Reorder>
      {locked ? null : (
        <div>
          <Button
            small
            look="quiet"
            icon={<IconPlus size={15} />}
            onClick={() => onChange((all) => [...all, { id: newId(prefix), label: {} }])}
          >
            {t('surveyEdit.addOption')}
          </Button>
        </div>
      )}
    </div>
  );
}
