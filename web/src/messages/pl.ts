export const areas = import.meta.glob<object>('./pl/*.json', { import: 'default' });
