import { IconX } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useRef, useState } from 'react';
import { Button, IconButton } from '../../kit/button.tsx';
import { Row } from '../../kit/layout.tsx';
import { Refusal } from '../../kit/states.tsx';
import { useText } from '../../text.tsx';
import { surveys } from './calls.ts';
import styles from './surveys.module.css';

/** A picture, uploaded to this installation. */
export function PictureField({
  label,
  value,
  onChange,
  icon,
  showLabel,
}: {
  label: string;
  value: string | undefined;
  onChange: (address: string | undefined) => void;
  icon: ReactNode;
  /** Otherwise it stands beside what it is the picture of. */
  showLabel?: boolean;
}) {
  const t = useText();
  const file = useRef<HTMLInputElement>(null);
  const [broken, setBroken] = useState(false);
  const upload = useMutation({
    mutationFn: (chosen: File) => surveys.picture(chosen),
    onSuccess: ({ picture }) => onChange(picture),
  });
  return (
    <div className={styles.picture}>
      {showLabel ? <span className={styles.label}>{label}</span> : null}
      <Row>
        {value && !broken ? (
          <img src={value} alt={label} className={styles.pictureShown} onError={() => setBroken(true)} />
        ) : null}
        <Button small look="quiet" icon={icon} busy={upload.isPending} onClick={() => file.current?.click()}>
          {value ? t('surveyEdit.otherPicture') : t('surveyEdit.addPicture')}
        </Button>
        {value ? (
          <IconButton small label={t('surveyEdit.removeNamed', { name: label })} onClick={() => onChange(undefined)}>
            <IconX size={15} />
          </IconButton>
        ) : null}
      </Row>
      <input
        ref={file}
        type="file"
        hidden
        aria-label={label}
        accept="image/png,image/jpeg,image/webp,image/gif"
        onChange={(event) => {
          const chosen = event.currentTarget.files?.[0];
          event.currentTarget.value = '';
          setBroken(false);
          if (chosen) upload.mutate(chosen);
        }}
      />
      {upload.error ? <Refusal title={t('surveyEdit.pictureFailed')} error={upload.error} /> : null}
    </div>
  );
}
