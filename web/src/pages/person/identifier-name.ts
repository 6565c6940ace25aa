import { humanise } from '../../format.ts';
import { hasMessage, type Translate } from '../../text.tsx';

/** A kind of identifier as people read it; kinds of the installation's own are only tidied. */
export function identifierName(kind: string, t: Translate): string {
  const key = `identifier.${kind.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())}`;
  return hasMessage(key) ? t(key) : humanise(kind);
}
