export const areas = import.meta.glob<object>('./it/*.json', { import: 'default' });
