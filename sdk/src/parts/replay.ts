import type { ReplayConfig } from '../replay/config.ts';
import { hasTriggers } from '../replay/decide.ts';
import { watchSignals } from '../replay/signals.ts';
import type { openVisit, Visit } from '../replay/visit.ts';
import type { Message, StartPart, Throughline } from '../types.ts';

/**
 * Records what a visitor sees and does where the company's settings want it, and tells of visits that went badly in any
 * case. Where the visitor takes the consent back, everything ends at once and nothing that waits is sent.
 */
const start: StartPart = (sdk, inside) => {
  const config = inside.config as ReplayConfig | undefined;
  if (!config) return;
  // Older browsers can neither pack what is recorded nor say where it stands.
  const can = typeof CompressionStream === 'function' && 'composedPath' in Event.prototype;
  let open: typeof openVisit | undefined;
  let visit: Visit | undefined;
  let endSignals: (() => void) | undefined;

  const look = (message?: Message) => {
    if (inside.gate() < 0) {
      visit?.end();
      endSignals?.();
      visit = endSignals = undefined;
      return;
    }
    endSignals ||= watchSignals(sdk, inside);
    if (open && !visit?.heard(message)) visit = open(sdk, inside, config);
  };
  sdk.on('message', ((message: Message) => {
    look(message);
    // What is told last before the consent goes comes while it still holds.
    Promise.resolve().then(() => inside.gate() < 0 && look());
  }) as never);
  look();
  if (!can || !(config.always || hasTriggers(config))) return;
  return sdk.load('recorder').then((loaded) => {
    open = loaded as typeof openVisit;
    look();
  });
};

(window as never as { throughline: Throughline }).throughline.register!('replay', start);
