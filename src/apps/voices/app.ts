import { defineApp } from '../../kernel/app.ts';

/** What customers say, wherever they say it: understood, sorted by topic, and answered. */
export const voices = defineApp({
  name: 'voices',
  permissions: {
    'voices.read': 'Read what customers say, and the cases that came of it.',
    'voices.write': 'Sort what customers say by topic, write rules, answer customers and work on cases.',
  },
  migrations: new URL('./migrations/', import.meta.url),
});
