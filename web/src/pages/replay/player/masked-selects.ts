import type { ReplayPlugin } from 'rrweb';

/** Of what was chosen the recorder tells as many stars as it has characters. */
const MASKED = /^\*+$/;
/** The same for every choice. */
const DOTS = '•••••';

const known = new WeakSet<Node>();

/**
 * No option is called as a masked choice is: the field would stand empty, or, in a picture of the page, show its first option
 * as if that had been chosen. Dots stand there instead.
 */
export const maskedSelects: ReplayPlugin = {
  onBuild: (node) => {
    // Of the frame's own kind, not of this page's; what the replayer only plans to draw has no options.
    if (node.nodeName === 'SELECT' && 'options' in node) watch(node as HTMLSelectElement);
  },
};

/** The replayer sets `value` with each choice that was made. */
function watch(select: HTMLSelectElement): void {
  const own = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(select), 'value');
  if (!own?.set || known.has(select)) return;
  known.add(select);
  const stand = select.ownerDocument.createElement('option');
  stand.textContent = DOTS;
  const choose = (value: string) => {
    own.set!.call(select, value);
    const masked = MASKED.test(value) && select.selectedIndex === -1;
    const isList = select.multiple || select.size > 1;
    stand.hidden = !(masked && isList);
    if (!masked) return;
    if (stand.parentNode !== select) select.prepend(stand);
    stand.selected = true;
  };
  Object.defineProperty(select, 'value', { configurable: true, get: () => own.get!.call(select), set: choose });
  const value = select.getAttribute('value');
  if (value && MASKED.test(value)) choose(value);
}
