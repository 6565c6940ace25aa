import { type RefObject, useEffect } from 'react';

/**
 * Stands in the place of something that is typed into, while that is fetched: keeps in `text` what is typed meanwhile,
 * and from the page below, where a key would be a shortcut. Escape closes.
 */
export function EarlyKeys({ text, onClose }: { text: RefObject<string>; onClose: () => void }) {
  useEffect(() => {
    text.current = '';
    const listen = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'Escape') onClose();
      else if (event.key === 'Backspace') text.current = text.current.slice(0, -1);
      else if (event.key.length === 1) text.current += event.key;
      event.preventDefault();
      event.stopPropagation();
    };
    document.addEventListener('keydown', listen, true);
    return () => document.removeEventListener('keydown', listen, true);
  }, [text, onClose]);
  return null;
}
