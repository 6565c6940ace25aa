import { type Html, html } from '../../kernel/html.ts';
import { DOCS_STYLE } from '../system/docs-style.ts';
import { CALLS, CAPTURED, OPTIONS } from './docs-text.ts';

const STYLE = `${DOCS_STYLE}
body { display: block; } main { margin: 0 auto; } h2 { font-size: 18px; margin: 36px 0 8px; }
.demo { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 20px; border: 1px solid var(--line);
  border-radius: 8px; padding: 16px; background: var(--panel); }
.demo p { margin: 0 0 10px; } .demo form { margin-top: 10px; }
.demo button, .demo input { font: inherit; padding: 5px 10px; margin: 0 6px 8px 0; border: 1px solid var(--line); border-radius: 6px;
  background: var(--paper); color: inherit; } .demo button { cursor: pointer; }
.demo input { width: 100%; } label { display: block; color: var(--quiet); font-size: 12px; }
th:first-child { width: 26%; } th:last-child { width: auto; }
@media (max-width: 800px) { .demo { grid-template-columns: minmax(0, 1fr); } }
`;

/** Keeps calls in an array until /sdk.js takes it over. */
export const QUEUE_LINE =
  '<script>!function(t){"identify track page group alias reset consent on setAnonymousId load init".split(" ").forEach(function(m){t[m]=function(){t.push([m].concat([].slice.call(arguments)))}})}(window.throughline=window.throughline||[])</script>';

/** Keys as the program makes them; what else stands in the address is not put into the page. */
const WRITE_KEY = /^wk_[\w-]{1,100}$/;

/**
 * The SDK's documentation, instrumented with the SDK itself. `key` is the write key of a source that somebody set up to
 * try it; without one the page shows what would be sent and sends nothing.
 */
export function sdkDocsPage(url: string, key: string | undefined): string {
  const writeKey = key !== undefined && WRITE_KEY.test(key) ? key : '';
  const line = `<script async src="${url}/sdk.js" data-write-key="${writeKey || 'wk_…'}"></script>`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Browser SDK · Throughline</title>
<style>${{ html: STYLE }}</style>
<script defer src="/sdk.js" data-write-key="${writeKey}" data-consent="required"></script>
<script defer src="/docs/sdk/demo.js"></script>
</head>
<body>
<main>
<h1>Browser SDK</h1>
<p>One line on each page of a site. It counts page views, clicks and errors by itself, takes the calls of Segment's
analytics.js, and weighs 5 kB.</p>
<pre>${line}</pre>
<h2 id="try">Try it on this page</h2>
<p>${
    writeKey
      ? 'This page has the write key of your source. After you agree, its events are sent and appear on a timeline.'
      : 'This page has no write key: you see what would be sent, and nothing leaves it. Open it from a source in the console to send.'
  }</p>
<div class="demo">
<div>
<p><button id="track">track</button><button id="identify">identify</button><button id="page">page</button><button
id="reset">reset</button><button id="fail">Fail</button></p>
<p><button id="agree">Agree to analytics</button><button id="refuse">Refuse</button></p>
<p data-tl-ignore><button>This one opted out</button></p>
<form id="form" name="newsletter"><label>Your e-mail, of which only the field's name is captured
<input name="email" autocomplete="off"></label><button>Subscribe</button></form>
</div>
<div data-throughline-log></div>
</div>
<h2 id="calls">Calls</h2>
<p>Each takes the arguments of Segment's call of the same name, in all the shorter forms too, and answers with a promise.</p>
${table(['Call', 'What it does'], CALLS)}
<p>Calls before the script has loaded wait in order, if this line stands above it:</p>
<pre>${QUEUE_LINE}</pre>
<h2 id="captured">What is captured by itself</h2>
${table(['Kind', 'What arrives'], CAPTURED)}
<p>Never read: passwords, fields for cards (<code>autocomplete="cc-…"</code>), the values of any field, and what is within
<code>data-tl-ignore</code> or <code>class="tl-ignore"</code>. Numbers that look like cards and e-mail addresses are hidden in texts.
Links are told without query and fragment.</p>
<h2 id="settings">Settings</h2>
<p>Each is an attribute of the script tag, or a member of the second argument of <code>init</code>.</p>
${table(['Attribute', 'Meaning'], OPTIONS)}
<h2 id="policy">Content Security Policy</h2>
<p>The line above needs no inline script: name the server in two directives.</p>
<pre>script-src 'self' ${url}; connect-src 'self' ${url}</pre>
<h2 id="debug">Seeing what happens</h2>
<p>Add <code>?throughline_debug</code> to an address of your site, or call <code>throughline.load('debug')</code>: a panel lists each
event and whether the server took it.</p>
</main>
</body>
</html>
`.html;
}

const table = (head: readonly [string, string], rows: readonly (readonly [string, string])[]): Html =>
  html`<table><thead><tr><th>${head[0]}</th><th>${head[1]}</th></tr></thead><tbody>${rows.map(
    ([name, text]) => html`<tr><td><code>${name}</code></td><td>${text}</td></tr>`,
  )}</tbody></table>`;
