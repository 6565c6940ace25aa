import { hasMessage, type Translate } from '../../text.tsx';

/** A built-in role in the language of the page; one of the company's own by the name that it was given. */
export function roleName(id: string, name: string, t: Translate): string {
  return hasMessage(`role.${id}`) ? t(`role.${id}` as 'role.admin') : name;
}
