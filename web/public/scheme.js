// Sets light or dark and the density before the first paint; a file of its own so that a strict content security policy
// allows it.
try {
  const { scheme = 'auto', density = 'comfortable' } =
    JSON.parse(localStorage.getItem('throughline.preferences') ?? '{}').chosen ?? {};
  const dark = scheme === 'dark' || (scheme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
  document.documentElement.setAttribute('data-density', density);
} catch {
  // Storage can be forbidden; the default of the page stands.
}
