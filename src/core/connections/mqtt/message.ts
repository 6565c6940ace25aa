import { isUtf8 } from 'node:buffer';
import type { MqttSettings } from '../settings.ts';

/** What a broker sent on a topic. */
export interface TopicMessage {
  topic: string;
  payload: Buffer;
  /** The broker had kept it from before. */
  retained: boolean;
  qos: number;
}

/** JSON deeper than this is refused: what works through a value level by level must not run out of stack. */
const LEVELS = 100;

/**
 * A payload as a value: JSON, text, or `{ base64 }` for bytes; with 'auto' the first that fits. `wrong` says why it is
 * not what the format promises.
 */
export function payloadOf(
  payload: Buffer,
  format: MqttSettings['format'],
): { value: unknown; wrong?: undefined } | { wrong: string } {
  if (format === 'binary') return { value: { base64: payload.toString('base64') } };
  if (!isUtf8(payload)) {
    return format === 'auto'
      ? { value: { base64: payload.toString('base64') } }
      : { wrong: 'the payload is not UTF-8 text' };
  }
  const text = payload.toString('utf8');
  if (format === 'text') return { value: text };
  if (levelsOf(text) > LEVELS) return { wrong: `the payload is nested deeper than ${LEVELS} levels` };
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    if (format === 'auto') return { value: text };
    return { wrong: `the payload is not JSON: ${(error as Error).message.slice(0, 200)}` };
  }
}

/** How deeply brackets nest, those in strings counted too: more than the truth, never less. */
function levelsOf(text: string): number {
  let level = 0;
  let deepest = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 123 || code === 91) deepest = Math.max(deepest, ++level);
    else if (code === 125 || code === 93) level--;
  }
  return deepest;
}

/** Without a mapping a message is an event of the device that its topic names. */
export function plainEvent({ topic, retained }: TopicMessage, value: unknown): Record<string, unknown> {
  const whole = typeof value === 'object' && value !== null && !Array.isArray(value);
  return {
    type: 'track',
    event: 'Message Received',
    channel: 'device',
    externalIds: [{ kind: 'device', value: topic.slice(0, 512) }],
    properties: { topic, ...(retained ? { retained } : {}), ...(whole ? value : { value }) },
  };
}
