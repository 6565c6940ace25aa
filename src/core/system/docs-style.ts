/** The style of the API's page and of the page that stands in for a console that is not built; light and dark. */
export const DOCS_STYLE = `
:root { color-scheme: light dark; --ink: light-dark(#1c1f24, #e6e8eb); --quiet: light-dark(#5c6470, #9aa3ae);
  --paper: light-dark(#fff, #15171a); --panel: light-dark(#f6f7f9, #1d2024); --line: light-dark(#e1e4e8, #2e3338);
  --accent: light-dark(#1f5fbf, #7eb0ff); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 14px/1.55 Inter, system-ui, sans-serif;
  display: grid; grid-template-columns: 320px minmax(0, 1fr); }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 20px; background: var(--panel);
  border-inline-end: 1px solid var(--line); }
nav .title { font-weight: 600; margin: 0 0 12px; }
nav h2 { font-size: 12px; margin: 18px 0 4px; text-transform: capitalize; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li a { display: block; padding: 2px 0; font-size: 12px; overflow-wrap: anywhere; color: var(--quiet); }
main { padding: 24px 40px 80px; max-width: 1000px; min-width: 0; }
h1 { font-size: 24px; } section > h2 { font-size: 18px; margin: 40px 0 0; text-transform: capitalize; }
article { border-top: 1px solid var(--line); margin-top: 20px; padding-top: 8px; scroll-margin-top: 8px; }
h3 { font-size: 15px; margin: 8px 0; overflow-wrap: anywhere; } h4 { font-size: 13px; margin: 14px 0 4px; }
a { color: var(--accent); text-decoration: none; } a:hover { text-decoration: underline; }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
small, .permission { color: var(--quiet); }
code, pre, nav li b, h3 b { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: 12.5px; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 10px 12px; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 13px; table-layout: fixed; }
th:first-child { width: 30%; } th:last-child { width: 40%; }
th { text-align: start; font-weight: 500; color: var(--quiet); }
th, td { border-bottom: 1px solid var(--line); padding: 4px 12px 4px 0; vertical-align: top; overflow-wrap: anywhere; }
.required { color: light-dark(#b3261e, #ff8a80); margin-inline-start: 2px; }
.GET { color: light-dark(#1a6b3c, #6fd49b); } .POST { color: light-dark(#1f5fbf, #7eb0ff); }
.PUT, .PATCH { color: light-dark(#8a5a00, #ecc06a); } .DELETE { color: light-dark(#b3261e, #ff8a80); }
@media (max-width: 800px) { body { display: block; } nav { position: static; height: auto; max-height: 45vh; } main { padding: 16px; }
  thead { display: none; } tr { display: block; border-bottom: 1px solid var(--line); padding: 4px 0; }
  td { display: block; border: 0; padding: 0; } }
`;
