/**
 * Lets the visitor point at an element of the page; resolves with it, or with nothing where they change their mind. With
 * keys: Tab goes through what can be focused, Enter takes it, Escape ends.
 */
export function pickElement(own: Element): Promise<Element | undefined> {
  return new Promise((done) => {
    let at: Element | undefined;
    const frame = document.createElement('div');
    frame.setAttribute('data-tl-ignore', '');
    frame.style.cssText =
      'position:fixed;z-index:2147483646;pointer-events:none;border:2px solid #4a48d4;border-radius:4px;background:rgba(74,72,212,.12);display:none';
    document.documentElement.append(frame);
    const show = (element: Element | null) => {
      at = element && element !== own && !own.contains(element) ? element : undefined;
      frame.style.display = at ? 'block' : 'none';
      if (!at) return;
      const { left, top, width, height } = at.getBoundingClientRect();
      Object.assign(frame.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
    };
    const end = (found?: Element) => {
      for (const [type, listener] of listeners) removeEventListener(type, listener as never, true);
      frame.remove();
      done(found);
    };
    const halt = (event: Event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    const listeners: [string, (event: never) => void][] = [
      ['pointermove', ({ clientX, clientY }: PointerEvent) => show(document.elementFromPoint(clientX, clientY))],
      ['focusin', ({ target }: FocusEvent) => show(target as Element)],
      ['pointerdown', halt],
      ['pointerup', halt],
      [
        'click',
        (event: MouseEvent) => {
          halt(event);
          show(document.elementFromPoint(event.clientX, event.clientY));
          end(at);
        },
      ],
      [
        'keydown',
        (event: KeyboardEvent) => {
          if (event.key !== 'Escape' && event.key !== 'Enter') return;
          halt(event);
          end(event.key === 'Enter' ? at : undefined);
        },
      ],
    ];
    for (const [type, listener] of listeners) addEventListener(type, listener as never, true);
  });
}
