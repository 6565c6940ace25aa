// Sets light or dark before the first paint; a file of its own so that a strict content security policy allows it.
try {
  const wanted = localStorage.getItem('throughline.scheme') ?? 'auto';
  const dark = wanted === 'dark' || (wanted === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
} catch {
  // Storage can be forbidden; the default of the page stands.
}
