/** The page of its own: as calm as the popover, and larger. */
export const PAGE = `
html,body{margin:0;min-block-size:100%}
body{background:var(--back,Canvas)}
.tl.page{min-block-size:100vh;min-block-size:100dvh;display:flex;flex-direction:column;background:var(--back)}
.tl.page>.bar{position:fixed;inset-block-start:0;inset-inline:0;z-index:1}
.tl.page form{inline-size:100%;max-inline-size:44em;margin:auto;flex:0 1 auto;padding-block:2.5em}
.tl.page .title{font-size:1.6em;line-height:1.28;letter-spacing:-.015em}
.tl.page .optional{font-size:.55em;letter-spacing:0}
.tl.page .help{font-size:1.02em}
.tl.page .field{margin-block-start:1.5em}
.tl.page .hero{block-size:16em}
.tl.page .step,.tl.page .foot{padding-inline:1.5em}
.tl.page .step{overflow:visible}
.tl.page .foot{padding-block-start:1.4em}
.tl.page .foot{flex-direction:row;justify-content:flex-start}
.tl.page .done~.foot{justify-content:center}
.tl.page .main{padding-inline:1.6em}
.tl.page .quiet{margin-inline-start:0}
.tl.page .cell>span{block-size:3.3em}
.tl.page .scale{gap:.4em}
.tl.page .stars,.tl.page .smileys{justify-content:flex-start}
.tl.page .stars .cell,.tl.page .smileys .cell{flex-basis:4.2em}
.tl.page .stars svg,.tl.page .smileys svg{inline-size:min(2.9em,100%)}
.tl.page .option{padding-block:.8em}
.tl.page .pictures{grid-template-columns:repeat(auto-fill,minmax(11em,1fr))}
.tl.page .pictures img{block-size:9em}
.tl.page .note{text-align:center}
.tl.page .brand{display:flex;align-items:center;gap:.7em;padding:1.4em 1.5em 0;font-weight:600;min-block-size:3.6em}
.tl.page .brand img{max-block-size:2.2em;max-inline-size:12em;object-fit:contain}
.tl.page .languages{margin-inline-start:auto;font-weight:400;font-size:.9em}
.tl.page .languages select{min-block-size:0;inline-size:auto;padding:.35em .5em;border-color:var(--line)}
.tl.framed,.tl.framed form{min-block-size:0;margin-block:0;padding-block:.5em}
.tl.framed .brand{display:none}
table{inline-size:100%;border-collapse:collapse;font-size:.95em}
table th{font-weight:500;padding:.5em .4em;text-align:center;vertical-align:bottom}
table thead th{color:var(--dim);font-size:.9em}
table tbody th{text-align:start;vertical-align:middle;padding-inline-start:.7em;max-inline-size:14em}
table tbody tr:nth-child(odd){background:var(--soft)}
table td{padding:0;text-align:center}
table td label{display:grid;place-items:center;padding:.7em .4em;cursor:pointer;position:relative}
@media(max-width:520px){.tl.page form{padding-block:1em;flex:1 1 auto;margin-block:0}.tl.page .title{font-size:1.35em}.tl.page .step,.tl.page .foot,.tl.page .brand{padding-inline:1.1em}.tl.page .scale{gap:.18em}.tl.page .foot{margin-block-start:auto}.tl.page .main{flex:1 1 auto}.tl.page form:has(.done){margin-block:auto;flex:none}}
`;
