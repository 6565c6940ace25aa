import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { NOWHERE, safeCss } from './safe-css.ts';
import { safeEvents } from './safe-event.ts';
import { DEPTH_LIMIT, type SafeNode } from './safe-node.ts';

const KEPT = 'https://shop.example/kept.png';
const asset = (url: string) => (url === KEPT ? '/api/replay/assets/1' : null);
const safe = (...events: unknown[]) => safeEvents(events, { asset });
const samples = new URL('../../../../shared/data/rrweb/', import.meta.url);

const page = (...body: unknown[]) => ({
  ...{ type: 2, timestamp: 1 },
  data: {
    initialOffset: { top: 0, left: 0 },
    node: {
      ...{ type: 0, id: 1 },
      childNodes: [{ type: 2, id: 2, tagName: 'html', attributes: {}, childNodes: body }],
    },
  },
});
const element = (id: number, tagName: string, attributes: object = {}, childNodes: unknown[] = []) => ({
  ...{ type: 2, id, tagName, attributes, childNodes },
});
const first = (...body: unknown[]) => {
  const [event] = safe(page(...body));
  const { node } = event!.data as { node: SafeNode };
  return node.childNodes![0]!.childNodes![0]!;
};

describe('addresses in style sheets', () => {
  const cases: [css: string, is: string][] = [
    [`a{background:url(${KEPT})}`, 'a{background:url("/kept")}'],
    ['a{background:url( "https://e.example/x" )}', 'a{background:url( "/none" )}'],
    ['a{background:\\75\\72 l(//e.example)}', 'a{background:url("/none")}'],
    ['@import "https://e.example"; b{}', ' b{}'],
    ['@\\49mport url(https://e.example;) screen; b{}', ' b{}'],
    ['a{background:image-set("x.png" 1x, url(y.png) 2x)}', 'a{background:image-set("/none" 1x, url("/none") 2x)}'],
    ['a{content:"\\\r\n"url(x)"}', 'a{content:"\\\n"url("/none")"}'],
    ['a{content:"url(x)";color:red} /* url(y) */', 'a{content:"url(x)";color:red} /* url(y) */'],
    ['.sm\\:flex{color:red}', '.sm\\:flex{color:red}'],
    ['a{mask:url(#shape)}', 'a{mask:url("/#shape")}'],
    ['u\\72l(x', 'url("/none")'],
  ];
  for (const [css, is] of cases) {
    it(`are told from everything else in ${css}`, () => {
      assert.equal(
        safeCss(css, (url) => (url === KEPT ? '/kept' : url.startsWith('#') ? `/${url}` : '/none')),
        is,
      );
    });
  }

  it('leave no foreign address behind, however they are written', () => {
    const piece = fc.constantFrom(
      ...[
        'url(',
        'URL(',
        '\\75 rl(',
        'image-set(',
        '@import ',
        '@\\69mport ',
        '"',
        "'",
        '\\',
        '\\\n',
        '\r\n',
        '(',
        ')',
        ';',
        '{',
        '}',
      ],
      ...['/*', '*/', ' ', 'https://evil.example/x', 'a', ':', ',', '\0', '\f', 'var(--x)'],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const asked: string[] = [];
        const css = safeCss(pieces.join(''), (url) => {
          asked.push(url);
          return NOWHERE;
        });
        // What is safe stays as it is: nothing new shows up by reading it again.
        safeCss(css, (url) => {
          assert.ok(url === NOWHERE || url === '', `${JSON.stringify(pieces.join(''))} → ${JSON.stringify(css)}`);
          return NOWHERE;
        });
      }),
      { numRuns: 2000 },
    );
  });
});

describe('events of a recording', () => {
  it('keep what makes the picture', () => {
    const input = element(5, 'input', {
      type: 'text',
      value: 'a(b',
      class: 'x',
      'data-a': 'url(1)',
      checked: true,
      rr_width: '10px',
    });
    assert.deepEqual(first(input), { ...input, childNodes: [], type: 2 });
    const picture = first(element(5, 'img', { src: KEPT, srcset: `${KEPT} 2x, https://e.example/x 1x`, alt: 'x' }));
    assert.deepEqual(picture.attributes, { src: '/api/replay/assets/1', srcset: '/api/replay/assets/1 2x', alt: 'x' });
    assert.equal(first(element(5, 'use', { href: '#icon' })).attributes!.href, '#icon');
  });

  it('lose what runs, leads away or asks elsewhere', () => {
    const attributes = {
      ...{
        onclick: 'x',
        ONLOAD: 'x',
        srcdoc: 'x',
        action: 'x',
        formaction: 'x',
        ping: 'x',
        nonce: 'x',
        autofocus: true,
        target: '_top',
      },
      ...{
        'http-equiv': 'refresh',
        content: '0;url=x',
        sandbox: 'allow-scripts',
        is: 'x',
        rr_src: 'x',
        rr_dataURL: 'https://e.example',
      },
      ...{ src: 'https://e.example/x', rel: 'preconnect', name: 'getElementsByTagName' },
    };
    assert.deepEqual(first(element(5, 'iframe', attributes)).attributes, {});
    assert.deepEqual(first(element(5, 'a', { href: 'javascript:x' })).attributes, { href: NOWHERE });
    for (const tag of ['script', 'SCRIPT', 'ScRiPt']) assert.equal(first(element(5, tag, {}, [])).tagName, 'template');
    assert.equal(first({ ...element(5, 'script'), isSVG: true }).tagName, 'g');
    assert.equal(first(element(5, 'constructor')).tagName, 'span');
    const [event] = safe({
      type: 3,
      timestamp: 1,
      data: {
        source: 0,
        attributes: [
          { id: 5, attributes: { onclick: 'x', src: 'https://e.example', style: { background: 'url(x)' } } },
        ],
      },
    });
    assert.deepEqual((event!.data as { attributes: unknown }).attributes, [
      { id: 5, attributes: { src: NOWHERE, style: { background: `url("${NOWHERE}")` } } },
    ]);
  });

  it('lose what leads away also where a style sheet is cut in the middle of it', () => {
    const text = (id: number, textContent: string) => ({ type: 3, id, textContent });
    const cuts = [
      ['a{background:u', 'rl(https://e.example/x)}'],
      ['@imp', 'ort "https://e.example/x";'],
      ['/*', '"*/a{background:url(https://e.example/x)}/*"'],
      ['a{--x:"', '";background:url(https://e.example/x)}'],
    ];
    for (const cut of cuts) {
      const styles = [
        element(3, 'style', {}, [text(4, cut[0]!), element(5, 'p'), text(6, cut[1]!)]),
        element(3, 'style', { _cssText: cut.join('/* rr_split */') }, [text(4, ''), text(6, '')]),
      ];
      for (const style of styles) assert.doesNotMatch(JSON.stringify(first(style)), /e\.example/, cut.join());
    }
    // A cut that is there only once another was taken out.
    const cut =
      'a{background:url(https://e.example/y);background:u/* rr_/* rr_split */split */rl(https://e.example/x)}';
    assert.doesNotMatch(JSON.stringify(first(element(3, 'style', { _cssText: cut }, [text(4, '')]))), /rr_split/);
    const whole = element(3, 'style', { _cssText: 'a{}/* rr_split */b{}' }, [text(4, 'a{}'), text(6, 'b{}')]);
    assert.match(JSON.stringify(first(whole)), /rr_split.*a\{\}.*b\{\}/);
  });

  it('have each node once, and none deeper than browsers go', () => {
    const [event] = safe(page(element(5, 'p', {}, [element(5, 'b'), element(1, 'b'), element(6, 'i')])));
    assert.equal(JSON.stringify(event).match(/"id":5/g)!.length, 1);
    assert.equal(JSON.stringify(event).match(/"id":1\b/g)!.length, 1);
    let deep = element(9999, 'p');
    for (let id = 10; id < DEPTH_LIMIT + 500; id++) deep = element(id, 'div', {}, [deep]);
    const depth = (node: SafeNode): number => 1 + Math.max(0, ...(node.childNodes ?? []).map(depth));
    assert.ok(depth(first(deep)) <= DEPTH_LIMIT);
  });

  it('are left out where rrweb would not have written them, whatever they are', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ type: fc.nat(7), timestamp: fc.anything(), data: fc.anything() })), (events) => {
        JSON.stringify(
          safe(
            ...events,
            ...events.map(({ data }) => ({ type: 3, timestamp: 1, data: { source: 0, adds: data, texts: data } })),
          ),
        );
      }),
      { numRuns: 50 },
    );
    assert.deepEqual(
      safe(null, 1, 'x', [], { type: 2, timestamp: 1, data: { node: { type: 0, id: 1, childNodes: [] } } }),
      [],
    );
  });

  it('stay what they are when made safe twice', {
    skip: !existsSync(samples) && 'no samples of rrweb at ../shared/data',
  }, () => {
    for (const file of readdirSync(new URL('rrweb_test_events/', samples))) {
      const read: unknown = JSON.parse(readFileSync(new URL(`rrweb_test_events/${file}`, samples), 'utf8'));
      const once = safe(...(read as unknown[]));
      assert.ok(once.length > 0, file);
      const again = safeEvents(JSON.parse(JSON.stringify(once)), {
        asset: (url) => (url.startsWith('/api/replay/') ? url : null),
      });
      assert.deepEqual(JSON.parse(JSON.stringify(again)), JSON.parse(JSON.stringify(once)), file);
    }
  });
});
