import { defineApp } from '../../kernel/app.ts';

/** Asking customers: surveys in the page, by link, in mail and by API, and what they answer. */
export const surveys = defineApp({
  name: 'surveys',
  permissions: {
    'surveys.read': 'See surveys, their answers and scores.',
    'surveys.write': 'Make surveys, decide who is asked, and send them.',
  },
  migrations: new URL('./migrations/', import.meta.url),
});
