import { attribute, describe, isIgnored, NO_TEXT } from './describe.ts';
import { listen } from './listeners.ts';
import { clip } from './mask.ts';
import type { CaptureKind, Properties } from './types.ts';

/** Clicks out of anger: this many, this near (in x and y together), this soon after each other. */
const RAGE_CLICKS = 3;
const RAGE_PIXELS = 30;
const RAGE_MS = 1000;
/** A click is dead when nothing moved for so long after it. */
const DEAD_MS = 2500;
const ERRORS_A_PAGE = 10;
const FORM_FIELDS = 50;

const CLICKABLE = 'a,button,input,select,textarea,label,summary,[onclick],[role=button],[role=link],[role=tab]';
/** What answers a click by itself, in ways that a page does not show. */
const ANSWERS = `a,video,${NO_TEXT}`;
const FILE = /\.(pdf|docx?|xlsx?|pptx?|csv|zip|rar|7z|t?gz|dmg|exe|apk|mp[34])$/i;

/** Listens for what people do and what goes wrong; `has` says which kinds are wanted. */
export function capture(
  has: (kind: CaptureKind) => boolean,
  track: (event: string, properties: Properties) => void,
): void {
  let count: number;
  let lastX: number;
  let lastY: number;
  let lastAt: number;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let errors = ERRORS_A_PAGE;
  const seen: Record<string, unknown> = {};

  /** Tells what was done with an element; false where that is not wanted. */
  const note = (kind: CaptureKind, event: string, element: Element | null, more?: Properties) => {
    if (!element || !has(kind)) return;
    track(event, { ...describe(element), ...more });
    return true;
  };
  const alive = () => {
    clearTimeout(timer);
    watcher.disconnect();
  };
  const watcher = new MutationObserver(alive);

  listen<MouseEvent & { target: Element }>(
    'click auxclick',
    ({ target: at, button, clientX, clientY, timeStamp, altKey, ctrlKey, metaKey, shiftKey }) => {
      if (isIgnored(at)) return;
      const element = at.closest(CLICKABLE);
      const link = at.closest('a') as HTMLAnchorElement | null;
      if (button > 1 || (button && !link)) return;
      const { protocol, pathname, host } = link || location;
      const known =
        (link &&
          (link.hasAttribute('download') || FILE.test(pathname)) &&
          note('downloads', 'File Downloaded', link)) ||
        (/^http/.test(protocol) && host !== location.host && note('outbound', 'Outbound Link Clicked', link));
      if (!known) note('clicks', 'Element Clicked', element);
      if (button) return;

      const near = Math.abs(clientX - lastX) + Math.abs(clientY - lastY) < RAGE_PIXELS && timeStamp - lastAt < RAGE_MS;
      count = near ? count + 1 : 1;
      lastX = clientX;
      lastY = clientY;
      lastAt = timeStamp;
      if (count === RAGE_CLICKS) {
        count = 0;
        note('rage', 'Rage Clicked', element || at);
      }

      alive();
      if (!has('dead') || altKey || ctrlKey || metaKey || shiftKey || at.matches('html,body') || at.closest(ANSWERS))
        return;
      timer = setTimeout(() => {
        alive();
        if (getSelection()!.isCollapsed) note('dead', 'Dead Clicked', element || at);
      }, DEAD_MS);
      // Watches only while a click waits for its effect.
      watcher.observe(document, { attributes: true, characterData: true, childList: true, subtree: true });
    },
  );
  listen('scroll input submit visibilitychange', alive);

  listen<SubmitEvent & { target: HTMLFormElement }>('submit', ({ target: form }) => {
    if (!isIgnored(form)) {
      note('forms', 'Form Submitted', form, {
        fields: [].map
          .call(form.elements, (field: Element) => !isIgnored(field) && attribute(field, 'name'))
          .filter(Boolean)
          .slice(0, FORM_FIELDS),
      });
    }
  });

  listen<ErrorEvent & PromiseRejectionEvent>('error unhandledrejection', (event) => {
    const error = event.reason || event.error || event;
    const message = clip(error.message || error, 300);
    // Pictures that fail come here too, without a message.
    if (!has('errors') || seen[message] || (error === event && !event.message) || errors-- < 1) return;
    seen[message] = 1;
    track('Error Occurred', { message, stack: clip(error.stack || `${event.filename}:${event.lineno}`, 1000) });
  });
}
