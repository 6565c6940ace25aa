import { defineApp } from '../../kernel/app.ts';

export const people = defineApp({
  name: 'people',
  migrations: new URL('./migrations/', import.meta.url),
});
