export interface FocusKeeper {
  /** The focus, where the frame has it, goes back to where it was. */
  giveBack(): void;
  end(): void;
}

/** A dialog that the recorded page opens takes the focus into its frame, and with it all keys; whoever watches keeps it. */
export function keepFocus(frameNow: () => HTMLIFrameElement | undefined): FocusKeeper {
  let focused = document.activeElement instanceof HTMLElement ? document.activeElement : null;

  /** True where what is typed goes into the frame, also while the page around it has an active element all the same. */
  const isInFrame = () => {
    const frame = frameNow();
    return !!frame && (document.activeElement === frame || !!frame.contentDocument?.hasFocus());
  };
  const giveBack = () => {
    if (!isInFrame()) return;
    frameNow()?.blur();
    window.focus();
    if (focused?.isConnected) focused.focus({ preventScroll: true });
  };
  /** While the focus is on its way into the frame, nobody else can have it. */
  const giveBackSoon = () => {
    giveBack();
    setTimeout(giveBack);
  };
  const remember = ({ target }: FocusEvent) => {
    if (target instanceof HTMLElement && target !== frameNow()) focused = target;
  };
  /** Who clicks beside it leaves it; what is clicked instead is remembered a moment later. */
  const forget = ({ target }: PointerEvent) => {
    if (!focused?.contains(target as Node)) focused = null;
  };
  document.addEventListener('focusin', remember);
  document.addEventListener('pointerdown', forget, true);
  window.addEventListener('blur', giveBackSoon);
  return {
    giveBack,
    end() {
      document.removeEventListener('focusin', remember);
      document.removeEventListener('pointerdown', forget, true);
      window.removeEventListener('blur', giveBackSoon);
    },
  };
}
