export const areas = import.meta.glob<object>('./en/*.json', { import: 'default' });
