import { PasswordField } from '../../kit/field.tsx';
import { useText } from '../../text.tsx';

export const SHORTEST_PASSWORD = 8;

/** A new password, with its one rule; how many characters are missing is said while it is typed. */
export function NewPasswordField({
  label,
  value,
  onChange,
  autoFocus,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  autoFocus?: boolean;
}) {
  const t = useText();
  const missing = value.length > 0 ? SHORTEST_PASSWORD - value.length : 0;
  return (
    <PasswordField
      label={label}
      name="new-password"
      autoComplete="new-password"
      hint={t('setup.passwordHint', { count: SHORTEST_PASSWORD })}
      error={missing > 0 ? t('setup.passwordShort', { count: missing }) : null}
      value={value}
      onChange={onChange}
      autoFocus={autoFocus ?? false}
      required
    />
  );
}
