import { type Html, html } from '../../kernel/html.ts';
import { exampleOf, fieldLines, type JsonSchema, noteOf, typeName } from './docs-schema.ts';
import { DOCS_STYLE } from './docs-style.ts';

interface Parameter {
  name: string;
  in: 'path' | 'query';
  required: boolean;
  schema: JsonSchema;
}

type Content = Record<string, { schema?: JsonSchema }>;

interface Operation {
  tags: string[];
  summary: string;
  'x-permission': string;
  parameters?: Parameter[];
  requestBody?: { content: Content };
  responses: Record<string, { description: string; content?: Content }>;
}

/** The parts of an OpenAPI document that the page shows. */
export interface OpenApi {
  info: { title: string; version: string; description?: string };
  paths: Record<string, Record<string, Operation>>;
}

interface Endpoint extends Operation {
  method: string;
  path: string;
  anchor: string;
}

/** The readable form of an OpenAPI document: one page, no scripts, nothing from elsewhere. `url` is the server's address. */
export function docsPage(document: OpenApi, url: string): string {
  const groups = byTag(document);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${document.info.title} API</title>
<style>${{ html: DOCS_STYLE }}</style>
</head>
<body>
<nav aria-label="Endpoints">
<p class="title">${document.info.title} API <small>${document.info.version}</small></p>
${[...groups].map(
  ([tag, endpoints]) => html`<h2><a href="#${anchorOf(tag)}">${tag}</a></h2>
<ul>${endpoints.map((one) => html`<li><a href="#${one.anchor}"><b class="${one.method}">${one.method}</b> ${one.path}</a></li>`)}</ul>`,
)}
</nav>
<main>
<h1>${document.info.title} API</h1>
<p>${document.info.description} The same as a document for programs: <a href="/api/openapi.json">/api/openapi.json</a>.</p>
${introduction(url)}
${[...groups].map(
  ([tag, endpoints]) =>
    html`<section><h2 id="${anchorOf(tag)}">${tag}</h2>${endpoints.map((one) => endpointSection(one, url))}</section>`,
)}
</main>
</body>
</html>
`;
  return page.html;
}

function byTag(document: OpenApi): Map<string, Endpoint[]> {
  const groups = new Map<string, Endpoint[]>();
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags[0] ?? 'other';
      const endpoint = { ...operation, method: method.toUpperCase(), path, anchor: anchorOf(`${method} ${path}`) };
      groups.set(tag, [...(groups.get(tag) ?? []), endpoint]);
    }
  }
  return groups;
}

const anchorOf = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

function introduction(url: string): Html {
  return html`<p>Requests and answers are JSON; ids are text, times ISO 8601 in UTC, money whole numbers of the currency's
smallest unit. Show an API key, which <code>bin/throughline key create --role admin</code> makes, in each request:</p>
<pre>curl ${url}/api/me -H 'Authorization: Bearer tl_…'</pre>
<p>An error answers with its status and <code>{"error": {"code", "message", "details"}}</code>; the message says what was
wrong. A list takes <code>limit</code> (at most 200) and <code>cursor</code>, and gives the cursor of the next page as
<code>nextCursor</code>, null on the last. Events themselves are sent to <code>/v1/…</code> with a source's write key, in the
protocol of Segment's SDKs, as CloudEvents, or to <code>/hooks/…</code> as webhooks.</p>`;
}

function endpointSection(one: Endpoint, url: string): Html {
  const body = one.requestBody?.content['application/json']?.schema;
  const [status, reply] = Object.entries(one.responses).find(([code]) => code !== 'default') ?? [];
  const replySchema = reply?.content?.['application/json']?.schema;
  return html`<article id="${one.anchor}">
<h3><b class="${one.method}">${one.method}</b> <code>${one.path}</code></h3>
<p>${one.summary}</p>
<p class="permission">${permissionText(one['x-permission'])}</p>
${one.parameters && one.parameters.length > 0 && parameterTable(one.parameters)}
${body && html`<h4>Body</h4>${schemaTable(body, required)}`}
<h4>Answer ${status}</h4>
${replySchema ? schemaTable(replySchema) : html`<p>Not JSON: a stream or a file.</p>`}
<pre>${curlExample(one, body, url)}</pre>
</article>`;
}

function permissionText(permission: string): Html {
  if (permission === 'anyone') return html`For anyone, without signing in.`;
  if (permission === 'signed-in') return html`For everyone who is signed in.`;
  return html`Needs the permission <code>${permission}</code>.`;
}

function parameterTable(parameters: readonly Parameter[]): Html {
  return html`<h4>Parameters</h4>
<table><thead><tr><th>Name</th><th>In</th><th>Type</th><th>Meaning</th></tr></thead><tbody>
${parameters.map(
  (one) =>
    html`<tr><td><code>${one.name}</code>${one.required && required}</td><td>${one.in}</td><td><code>${typeName(one.schema)}</code></td><td>${noteOf(one.schema)}</td></tr>`,
)}
</tbody></table>`;
}

const required = html`<span class="required" title="required">*</span>`;

/** `mark` stands beside fields that are required: of interest in what one sends, not in what one gets. */
function schemaTable(schema: JsonSchema, mark?: Html): Html {
  const lines = fieldLines(schema);
  if (lines.length === 0) return html`<p><code>${typeName(schema)}</code> ${noteOf(schema)}</p>`;
  return html`<table><thead><tr><th>Field</th><th>Type</th><th>Meaning</th></tr></thead><tbody>
${lines.map(
  (line) =>
    html`<tr><td><code>${line.path}</code>${line.required && mark}</td><td><code>${line.type}</code></td><td>${line.note}</td></tr>`,
)}
</tbody></table>`;
}

function curlExample(one: Endpoint, body: JsonSchema | undefined, url: string): string {
  const path = one.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase());
  const wanted = (one.parameters ?? []).filter((parameter) => parameter.in === 'query' && parameter.required);
  const query = wanted.map(({ name, schema }) => `${name}=${encodeURIComponent(String(exampleOf(schema)))}`).join('&');
  return [
    `curl ${one.method === 'GET' ? '' : `-X ${one.method} `}${quote(`${url}${path}${query === '' ? '' : `?${query}`}`)}`,
    ...(one['x-permission'] === 'anyone' ? [] : [`  -H 'Authorization: Bearer tl_…'`]),
    ...(body ? [`  -H 'Content-Type: application/json'`, `  -d ${quote(JSON.stringify(exampleOf(body)))}`] : []),
  ].join(' \\\n');
}

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
