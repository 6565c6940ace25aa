export const areas = import.meta.glob<object>('./ru/*.json', { import: 'default' });
