import type { Popover } from './model.ts';

/** Whether the address is one of the pages named; a path where the value begins with a slash. */
export function isPage(pages: Popover['pages'], { origin, pathname }: { origin: string; pathname: string }): boolean {
  const fits = ({ match, value }: Popover['pages'][number]) => {
    const address = value[0] === '/' ? pathname : origin + pathname;
    if (match === 'is') return address === value || address === `${value}/`;
    if (match === 'startsWith') return !address.indexOf(value);
    if (match === 'contains') return address.indexOf(value) >= 0;
    return matches(address, value.split('*'));
  };
  const wanted = pages.filter(({ not }) => !not);
  return !pages.some((page) => page.not && fits(page)) && (!wanted[0] || wanted.some(fits));
}

/** Whether the texts stand in the address in this order, the first at its beginning and the last at its end. */
function matches(address: string, [first, ...rest]: string[]): boolean {
  const last = rest.pop();
  if (last == null) return address === first;
  if (address.indexOf(first!) || address.length < first!.length + last.length || !address.endsWith(last)) return false;
  let at = first!.length;
  const end = address.length - last.length;
  return rest.every((part) => {
    const found = address.indexOf(part, at);
    at = found + part.length;
    return found >= 0 && at <= end;
  });
}
