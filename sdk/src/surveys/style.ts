import { el } from './dom.ts';
import type { Palettes, Theme } from './model.ts';

const FONTS = {
  system: 'system-ui,sans-serif',
  serif: 'ui-serif,Georgia,serif',
  rounded: 'ui-rounded,Nunito,system-ui,sans-serif',
};

/** Puts the theme on the element, light or dark; `dark` decides where the theme leaves it open. */
export function dress(root: HTMLElement, theme: Theme, palettes: Palettes, dark: boolean): void {
  const look = theme.mode === 'auto' ? (dark ? 'dark' : 'light') : theme.mode;
  const { style } = root;
  const colours = palettes[look];
  for (const name of Object.keys(colours)) style.setProperty(`--${name}`, colours[name]!);
  style.setProperty('--r', `${theme.radius}px`);
  style.colorScheme = look;
  style.fontFamily = FONTS[theme.font];
  style.fontSize = `${theme.fontSize}px`;
}

/** Stands on the element of a dialog that the visitor opened: nothing opens by itself meanwhile. */
export const BUSY = 'data-tl-busy';

export const prefersDark = () => matchMedia('(prefers-color-scheme: dark)').matches;

/** Whether a page is dark where something is to be shown on it: by its own background, else by what it supports. */
export function isDarkPage(): boolean {
  for (const element of [document.body, document.documentElement].filter(Boolean)) {
    const [, r, g, b, a] =
      /^rgba?\((\d+), (\d+), (\d+)(?:, ([\d.]+))?/.exec(getComputedStyle(element).backgroundColor) || [];
    // Weights of luminance; 110 is where white is read better than black.
    if (r && a !== '0') return 0.21 * +r + 0.72 * +g! + 0.07 * +b! < 110;
  }
  return /dark/.test(getComputedStyle(document.documentElement).colorScheme) && prefersDark();
}

/** Gives a root the styles, in the way that a strict policy of the page allows, or else in the old one. */
export function addStyles(root: ShadowRoot | Document, text: string): void {
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    root.adoptedStyleSheets = [sheet];
  } catch {
    ((root as Document).head || root).append(el('style', '', text));
  }
}

/** For a root of their own. Sizes are in em of the theme's, so that nothing of the page's reaches in; sides are start and end. */
export const STYLE = `
*{box-sizing:border-box}
.tl{color:var(--ink);line-height:1.5;text-align:start;overflow-wrap:anywhere}
[hidden]{display:none!important}
h1,h2,p,ol,ul,fieldset{margin:0;padding:0;border:0;font:inherit;list-style:none;min-inline-size:0}
.title{font-size:1.12em;font-weight:650;line-height:1.35;white-space:pre-wrap}
.help{color:var(--dim);margin-block-start:.35em;white-space:pre-wrap}
.optional{color:var(--dim);font-weight:400;font-size:.8em;margin-inline-start:.2em;white-space:nowrap}
.away{position:absolute;opacity:0;inline-size:1px;block-size:1px;margin:0;overflow:hidden;clip-path:inset(50%);pointer-events:none}
svg{inline-size:1.25em;block-size:1.25em;display:block;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}
button,input,textarea,select{font:inherit;color:inherit}
:focus-visible,.away:focus-visible~.tick,.cell .away:focus-visible+span{outline:2px solid var(--main);outline-offset:2px}
.title:focus{outline:0}
form{display:flex;flex-direction:column;min-block-size:0;flex:1 1 auto}
.step{padding:1.3em 1.3em 0;overflow-y:auto;overscroll-behavior:contain;flex:1 1 auto;animation:tl-in .22s ease-out}
.field{margin-block:1em .2em;padding-block-end:.2em}
.hero{display:block;inline-size:100%;block-size:11em;object-fit:contain;border-radius:var(--r);margin-block-end:1em;background:var(--soft)}
.bad{color:var(--bad);font-size:.9em;margin-block-start:.5em;display:flex;gap:.4em;align-items:center}
.hint,.ends{color:var(--dim);font-size:.85em}
.hint{margin-block-end:.6em}.hint:empty,.help:empty{display:none}
.ends{min-block-size:1.5em;display:flex;justify-content:space-between;gap:1em;margin-block-start:.5em}
.ends span{max-inline-size:48%}.ends span:last-child{text-align:end;margin-inline-start:auto}
.foot{display:flex;flex-direction:row-reverse;justify-content:space-between;align-items:center;gap:.6em;padding:.9em 1.3em 1.2em;flex:none}
.main,.quiet{border:0;border-radius:min(var(--r),999px);padding:.6em 1.15em;font-weight:600;cursor:pointer;text-decoration:none;text-align:center;min-block-size:2.6em;line-height:1.35}
.main{background:var(--main);color:var(--on);transition:.15s}
@media(hover:hover){.main:hover{filter:brightness(1.08)}}
.quiet{background:none;color:var(--dim);padding-inline:.7em;margin-inline-start:-.7em}
@media(hover:hover){.quiet:hover,.icon:hover{color:var(--ink);background:var(--soft)}}
.icon{border:0;background:none;color:var(--dim);cursor:pointer;padding:0;inline-size:2em;block-size:2em;border-radius:min(var(--r),.6em);display:inline-grid;place-items:center;flex:none}
.icon:disabled{opacity:.3;cursor:default;background:none}
.bar{block-size:4px;background:var(--line);flex:none;overflow:hidden}
.bar i{display:block;block-size:100%;background:var(--main);transition:inline-size .35s cubic-bezier(.2,.8,.2,1)}
.scale{display:flex;gap:.25em}
.cell{flex:1 1 0;min-inline-size:0;cursor:pointer;position:relative;display:block}
.cell>span{display:grid;place-items:center;block-size:2.75em;border-radius:calc(var(--r)*.75);transition:.12s}
.numbers .cell>span{border:1px solid var(--line);background:var(--soft);font-weight:550}
@media(hover:hover){.numbers .cell:hover>span{border-color:var(--main);background:var(--tint)}}
.numbers .on>span,.numbers .on:hover>span{background:var(--main);border-color:var(--main);color:var(--on)}
.stars,.smileys{justify-content:center;gap:.3em}
.stars .cell,.smileys .cell{flex:0 1 3.2em}
.stars svg,.smileys svg{inline-size:min(2.1em,100%);block-size:auto;stroke-width:1.4}
.stars .cell{color:var(--edge)}
.stars .on{color:var(--main)}
.stars .on svg{fill:currentColor}
@media(hover:hover){.stars:hover .cell{color:var(--main)}.stars:hover .cell svg{fill:currentColor}.stars .cell:hover~.cell:not(.on){color:var(--edge)}.stars .cell:hover~.cell:not(.on) svg{fill:none}}
.fit{inline-size:fit-content;max-inline-size:100%;min-inline-size:min(100%,16em)}
.smileys .cell{color:var(--dim)}
@media(hover:hover){.smileys .cell:hover{color:var(--ink)}}
.smileys .on,.smileys .on:hover{color:var(--on)}
.smileys .on path:first-child{fill:var(--main);stroke:var(--main)}
.smileys .on>span{transform:scale(1.12)}
.options{display:grid;gap:.45em}
.option{display:flex;gap:.7em;align-items:center;padding:.62em .8em;border:1px solid var(--line);border-radius:var(--r);cursor:pointer;position:relative}
@media(hover:hover){.option:hover{background:var(--soft)}}
.option>span:last-child{min-inline-size:0}
.tick{flex:none;inline-size:1.25em;block-size:1.25em;border:1.5px solid var(--edge);border-radius:.32em;display:grid;place-items:center;color:transparent;background:var(--back)}
.dot{border-radius:50%}
.tick svg{inline-size:.95em;block-size:.95em;stroke-width:3}
:checked~.tick{background:var(--main);border-color:var(--main);color:var(--on)}
.dot svg{display:none}
:checked~.dot{background:var(--back);border-width:.4em}
.option:has(:checked){border-color:var(--main);background:var(--tint)}
.option:has(:disabled){opacity:.5;cursor:default}
.pictures{grid-template-columns:repeat(auto-fill,minmax(8.2em,1fr))}
.pictures .option{flex-direction:column;align-items:stretch;padding:.4em;gap:.4em}
.pictures img{inline-size:100%;block-size:6.5em;object-fit:cover;border-radius:calc(var(--r)*.6);background:var(--soft)}
.pictures .tick{position:absolute;inset-block-start:.7em;inset-inline-end:.7em}
.pictures .option>span:last-child{padding:0 .3em .2em;font-size:.92em}
input[type=text],input[type=email],input[type=tel],input[type=date],textarea,select{inline-size:100%;background:var(--back);border:1px solid var(--edge);border-radius:calc(var(--r)*.85);padding:.6em .8em;min-block-size:2.75em;appearance:none;-webkit-appearance:none;display:block}
select{appearance:auto;-webkit-appearance:auto}
textarea{resize:vertical;min-block-size:6em;max-block-size:40vh}
::placeholder{color:var(--dim);opacity:1}
input:focus,textarea:focus,select:focus{border-color:var(--main);outline:2px solid var(--main);outline-offset:-1px}
a{color:inherit}
.options a{font-size:.9em}
.ranks{display:grid;gap:.4em}
.ranks li{display:flex;align-items:center;gap:.55em;padding:.35em .5em;border:1px solid var(--line);border-radius:var(--r);background:var(--back);cursor:grab;user-select:none;-webkit-user-select:none}
.ranks .held{cursor:grabbing;border-color:var(--main);box-shadow:0 6px 18px rgba(0,0,0,.16);position:relative;z-index:1}
.ranks .out{border-style:dashed}
.grip{color:var(--dim);touch-action:none}.grip svg{stroke-width:2.6}
.number{min-inline-size:1.6em;text-align:center;font-weight:650;color:var(--dim)}
.what{flex:1 1 auto;min-inline-size:0}
.stack{display:grid;gap:1.1em}
.stack legend{font-weight:600;padding:0;margin-block-end:.4em}
.stack .option{padding:.45em .7em;margin-block-end:.3em}
.drop{display:flex;flex-direction:column;align-items:center;gap:.5em;text-align:center;padding:1.4em 1em;border:1.5px dashed var(--edge);border-radius:var(--r);cursor:pointer;position:relative}
.drop input{position:absolute;inset:0;inline-size:100%;block-size:100%;opacity:0;cursor:pointer}
.drop:focus-within,.drop:hover{background:var(--soft);border-color:var(--main)}
.drop svg{color:var(--main);inline-size:1.6em;block-size:1.6em}
.dim{color:var(--dim)}
.files{display:grid;gap:.4em;margin-block:.5em}
.files li{display:flex;align-items:center;border:1px solid var(--line);border-radius:var(--r);padding:.2em .3em .2em .8em}
.done{text-align:center;padding-block-end:.4em}
.done .mark{inline-size:3.1em;block-size:3.1em;border-radius:50%;background:var(--tint);color:var(--main);display:grid;place-items:center;margin:.2em auto .9em}
.done .mark svg{inline-size:1.5em;block-size:1.5em;stroke-width:2.4}
.done~.foot{justify-content:center}
.note{font-size:.85em;color:var(--dim);padding:0 1.55em .9em}.note:empty{display:none}
@keyframes tl-in{from{opacity:0;transform:translateY(6px)}}
@keyframes tl-up{from{opacity:0;transform:translateY(24px)}}
@media(prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}
@media(forced-colors:active){.on>span,.option:has(:checked),:checked~.tick{outline:2px solid Highlight}.tl.popover{border:1px solid}}
`;

/** The shell of what is shown over a page. On a phone it is a sheet at the bottom. */
export const POPOVER = `
.popover,.inline{background:var(--back);border-radius:calc(var(--r) + 6px);overflow:hidden}
.tl.popover{position:fixed;z-index:2147483647;inset-block-end:20px;inset-inline-end:20px;inline-size:25em;max-inline-size:calc(100vw - 40px);max-block-size:min(44em,calc(100vh - 40px));display:flex;flex-direction:column;box-shadow:0 0 0 1px var(--line),0 4px 10px rgba(0,0,0,.06),0 18px 48px rgba(0,0,0,.2);animation:tl-up .32s cubic-bezier(.2,.9,.3,1);pointer-events:auto}
.tl.bottomStart{inset-inline:20px auto}
.tl.bottom,.tl.centre{inset-inline:0;margin-inline:auto}
.tl.centre{inset-block:0;margin-block:auto;block-size:fit-content}
.close{position:absolute;inset-block-start:.75em;inset-inline-end:.7em;z-index:1}
.popover .title{padding-inline-end:2em}
.tl.inline{position:relative;border:1px solid var(--line)}
@media(max-width:520px){.tl.popover{inset-inline:0;inset-block:auto 0;margin:0;inline-size:100%;max-inline-size:100%;max-block-size:85vh;border-end-start-radius:0;border-end-end-radius:0;padding-block-end:env(safe-area-inset-bottom)}}
`;
