import type { eventWithTime } from '@rrweb/types';
import { marksOf } from '../replay/marks.ts';
import { openRecorder } from '../replay/recorder.ts';
import { openSecrets } from '../replay/secrets.ts';
import type { StartPart, Throughline } from '../types.ts';

/** A picture of the page as it stands, masked as a recording would be: the recorder runs for one snapshot. */
const start: StartPart = () => (): unknown[] => {
  const events: eventWithTime[] = [];
  const recorder = openRecorder({
    marks: marksOf(false),
    secrets: openSecrets(),
    asset() {},
    take: (event) => void (event.type === 4 || event.type === 2 ? events.push(event) : 0),
    say() {},
  });
  recorder.start(false);
  recorder.stop();
  return events;
};

(window as never as { throughline: Throughline }).throughline.register!('picture', start);
