import { openText } from '../../kernel/text.ts';

/** Words of pages and mails that customers get. */
export const surveysText = openText(new URL('./messages/', import.meta.url));
