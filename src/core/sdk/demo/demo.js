// The buttons of /docs/sdk. A file of its own, since the page's policy allows no script within it.
const { throughline } = window;
const on = (id, act) => document.getElementById(id)?.addEventListener('click', act);

throughline.load('debug');
on('track', () => throughline.track('Product Viewed', { sku: 'lantern', price: 12.5, currency: 'EUR' }));
on('identify', () => throughline.identify('docs-reader', { plan: 'trial' }));
on('page', () => history.pushState({}, '', `/docs/sdk/${Math.random().toString(36).slice(2, 6)}${location.search}`));
on('reset', () => throughline.reset());
on('agree', () =>
  throughline.consent({ analytics: true }, { textVersion: 'docs-1', language: document.documentElement.lang }),
);
on('refuse', () => throughline.consent({ analytics: false }));
on('fail', () => {
  throw new Error('An error on purpose');
});
document.getElementById('form')?.addEventListener('submit', (event) => event.preventDefault());
