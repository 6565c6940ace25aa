export const areas = import.meta.glob<object>('./zh/*.json', { import: 'default' });
