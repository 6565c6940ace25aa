import type { Context } from './context.ts';
import { type Html, html } from './html.ts';
import { secure } from './security-headers.ts';
import { LANGUAGES, type Language } from './text.ts';

/** A page that customers see: in their language, without scripts, readable on a phone, in dark and in light. */
export interface CustomerPage {
  language: Language;
  title: string;
  /** Who speaks here. */
  company: string;
  body: Html;
  /** The address of this page in another language, where it can be chosen. */
  inLanguage?: (language: Language) => string;
  /** Names the choice of language for screen readers. */
  languagesLabel?: string;
  status?: number;
  /** Rules beside those of every page. */
  style?: string;
  /** Headers that this page needs otherwise than all others. */
  headers?: Record<string, string>;
}

export function customerPage(context: Context, page: CustomerPage): Response {
  const { language, company, inLanguage } = page;
  const text = html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${page.title} · ${company}</title>
<style>${{ html: STYLE + (page.style ?? '') }}</style>
</head>
<body>
<header><p>${company}</p>${
    inLanguage &&
    html`<nav aria-label="${page.languagesLabel ?? 'Language'}">${Object.entries(LANGUAGES).map(
      ([code, name]) =>
        html`<a href="${inLanguage(code as Language)}" lang="${code}" hreflang="${code}"${{
          html: code === language ? ' aria-current="true"' : '',
        }}>${name}</a>`,
    )}</nav>`
  }</header>
<main>
<h1>${page.title}</h1>
${page.body}
</main>
</body>
</html>
`;
  const headers = new Headers({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    // The address may hold the token of a link from a mail.
    'referrer-policy': 'no-referrer',
    'content-language': language,
    ...page.headers,
  });
  secure(headers, context);
  return new Response(text.html, { status: page.status ?? 200, headers });
}

const STYLE = `
:root{color-scheme:light dark;--ink:light-dark(#17191f,#edeff3);--dim:light-dark(#545b68,#a8aeba);--line:light-dark(#8a91a0,#6b7280);
--canvas:light-dark(#f8f8fa,#0f1013);--surface:light-dark(#fff,#16181c);--accent:light-dark(#4341c8,#a3a4ff);--main:light-dark(#4a48d4,#5957e0);
--good:light-dark(#e2f5ea,#12301f);--bad:light-dark(#fdeaea,#3a1717)}
*{box-sizing:border-box}
body{margin:0;background:var(--canvas);color:var(--ink);font:16px/1.55 "Inter Variable",system-ui,-apple-system,"Segoe UI","Noto Sans SC","PingFang SC",sans-serif}
header,main{max-inline-size:640px;margin-inline:auto;padding-inline:20px}
header{display:flex;flex-wrap:wrap;gap:4px 24px;align-items:baseline;justify-content:space-between;padding-block:20px}
header p{margin:0;font-weight:650}
nav{display:flex;flex-wrap:wrap;gap:4px 14px;font-size:14px}
a{color:var(--accent)}
nav a[aria-current]{color:var(--ink);font-weight:600;text-decoration:none}
main{padding-block:8px 64px}
h1{font-size:26px;line-height:1.25;margin:12px 0 8px;letter-spacing:-.01em}
h2{font-size:18px;margin:28px 0 8px}
.dim{color:var(--dim)}
form,.card{background:var(--surface);border:1px solid light-dark(#e5e7ec,#262a31);border-radius:12px;padding:20px;margin-block:20px}
label,legend{display:block;font-weight:600;margin-block:0 4px;padding:0}
fieldset{border:0;margin:0 0 20px;padding:0}
fieldset label{font-weight:400;display:grid;grid-template-columns:auto 1fr;gap:2px 10px;margin-block:8px;padding:10px 12px;border:1px solid light-dark(#e5e7ec,#262a31);border-radius:8px}
fieldset label small{grid-column:2;color:var(--dim)}
fieldset label:has(:checked){border-color:var(--main)}
input[type=text],input[type=email],textarea,select{inline-size:100%;font:inherit;color:inherit;background:var(--canvas);border:1px solid var(--line);border-radius:8px;padding:9px 12px;margin-block-end:4px}
.field{margin-block-end:18px}
small{font-size:14px}
button,.button{font:inherit;font-weight:600;color:#fff;background:var(--main);border:0;border-radius:8px;padding:11px 18px;cursor:pointer;text-decoration:none;display:inline-block}
button.quiet{background:none;color:var(--accent);padding-inline:0}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.note{border-radius:8px;padding:12px 16px;background:var(--good);margin-block:16px}
.note.bad{background:var(--bad)}
.away{position:absolute;inline-size:1px;block-size:1px;overflow:hidden;clip-path:inset(50%)}
dl{display:grid;grid-template-columns:auto 1fr;gap:6px 20px;margin:0}
dt{color:var(--dim)}dd{margin:0;font-weight:600;overflow-wrap:anywhere}
@media(max-width:480px){dl{grid-template-columns:1fr}dd{margin-block-end:8px}}
`;
