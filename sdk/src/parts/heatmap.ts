import { isIgnored } from '../describe.ts';
import { Forms } from '../heatmap/forms.ts';
import { LOOK_MS, View } from '../heatmap/view.ts';
import type { Message, StartPart, Throughline } from '../types.ts';

/** Points wait no longer than this, though somebody stays on the page. */
const SEND_MS = 60_000;

/** Where visitors click, move, scroll and look, and how they fill in forms: events about each page view. */
const start: StartPart = (sdk, { describe, gate }) => {
  let view = new View(sdk, describe);
  let forms = new Forms();
  let sentAt = performance.now();
  /** Whether consent stands; asked now and then, since the answer is in a cookie. What is tracked without it never leaves. */
  let open = gate() > 0;

  const flush = (ends: boolean) => {
    sentAt = performance.now();
    view.look();
    forms.send(sdk, view.page, ends);
    view.send(true);
  };
  const next = () => {
    flush(true);
    view = new View(sdk, describe);
    forms = new Forms();
  };
  /** Runs while consent stands, and breaks nothing of the page. */
  const listen = <E extends Event>(types: string, act: (event: E) => void) => {
    for (const type of types.split(' '))
      addEventListener(
        type,
        (event) => {
          try {
            if (open) act(event as E);
          } catch (error) {
            console.warn('throughline:', error);
          }
        },
        { capture: true, passive: true },
      );
  };

  listen<MouseEvent>('click', (event) => {
    if (event.isTrusted) view.clicked(event);
  });
  listen<PointerEvent>('pointermove', (event) => {
    view.moved(event);
    view.active();
  });
  listen('scroll', () => {
    view.scrolled();
    view.active();
  });
  listen('pointerdown keydown wheel touchmove', () => view.active());
  listen<FocusEvent & { target: Element }>('focusin', ({ target }) => forms.entered(target));
  listen('focusout', () => forms.left());
  listen<InputEvent & { target: Element }>('input change', ({ target }) => forms.changed(target));
  listen<SubmitEvent & { target: HTMLFormElement }>('submit', ({ target }) => {
    if (!isIgnored(target)) forms.submitted(target);
  });
  listen('pagehide', () => flush(true));
  listen('visibilitychange', () => {
    if (!document.hidden) return;
    flush(false);
    sdk.flush();
  });
  sdk.on('message', (({ type, event }: Message) => {
    if (!open) return;
    if (event === 'Rage Clicked') view.angry();
    else if (event === 'Dead Clicked') view.dead();
    else if (type === 'page') next();
  }) as never);

  setInterval(() => {
    const was = open;
    open = gate() > 0;
    // What was gathered before it was given, or taken back, is forgotten.
    if (open !== was) [view, forms] = [new View(sdk, describe), new Forms()];
    if (!open) return;
    if (location.pathname !== view.page.path) next();
    view.look();
    if (performance.now() - sentAt > SEND_MS) {
      sentAt = performance.now();
      view.send();
    }
  }, LOOK_MS);
};

(window as never as { throughline: Throughline }).throughline.register!('heatmap', start);
