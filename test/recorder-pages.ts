/** A page on which a secret, `W…` with three digits, stands in every place where one could. */
export const maskedPage = `<p data-tl-mask title="Wtitle222" data-note="Wnote333" style="--name: 'Wstyle444'">Wmarked555 <b aria-label="Wlabel666">Wnested777</b></p>
       <p data-tl-block class="x" title="Wblocked888">Wblocked999 <iframe srcdoc="<p>Wframed101</p>"></iframe></p>
       <div data-tl-ignore>Wignored202</div>
       <p id="card">Your card 4111 1111 1111 1111 is charged</p>
       <form action="/join?t=Wform303"><input name="mail" value="Wprefilled404"><input type="password" id="password">
       <input type="hidden" value="Whidden505"><input type="checkbox" value="Wchecked606" checked>
       <textarea>Warea707</textarea><select><option>shown</option></select><div contenteditable>Weditable808</div></form>
       <input id="cleared" value="Wcleared909"><div id="grow"><textarea id="typed"></textarea></div>
       <a href="/reset?token=Wlink121">Reset</a><noscript>Wnoscript131</noscript><!-- Wcomment141 -->
       <meta name="csrf" content="Wcsrf151"><div id="host"></div><div id="blockedhost" data-tl-block></div>
       <iframe id="frame" srcdoc="<p data-tl-mask>Wsrcdoc161</p><p id=open>framed text</p><input id=inner>"></iframe>
       <iframe id="editor" srcdoc="<p>Wdesign373</p><script>document.designMode = 'on'</script>"></iframe>
       <script>const nothing = 'Wscript171';</script>`;

/** Runs on that page: repeats what was typed, and changes what is masked. */
export const maskedDeeds = `(async () => {
      const typed = document.querySelector('#typed').value;
      document.querySelector('#grow').dataset.replicated = typed;
      console.log(\`wrote \${typed} to Wmail262@x.example from https://x.example/?q=Wquery232\`, { secret: 'Wobject242' });
      fetch(\`/search/\${typed}?q=Wcall252\`, { method: 'post', body: 'Wbody262' }).catch(String);
      const marked = document.querySelector('[data-tl-mask]');
      marked.firstChild.data = 'Wchanged272';
      marked.title = 'Wchanged282';
      marked.append(Object.assign(document.createElement('i'), { textContent: 'Wadded292', title: 'Wadded303' }));
      const shadow = document.querySelector('#host').attachShadow({ mode: 'open' });
      shadow.innerHTML = '<p data-tl-mask>Wshadow313</p><p>shadow text</p>';
      const blocked = document.querySelector('#blockedhost').attachShadow({ mode: 'open' });
      blocked.innerHTML = '<p>Wshadow323</p>';
      await new Promise((done) => setTimeout(done, 100));
      shadow.append('4111-1111-1111-1234');
      blocked.append('Wshadow333');
      document.querySelector('#cleared').setAttribute('value', 'Wset343');
      document.querySelector('form textarea').firstChild.data = 'Wset353';
      document.querySelector('[data-tl-block] iframe').contentDocument.body.append('Wframed363');
      document.querySelector('#editor').contentDocument.body.append('Wdesign383');
      document.querySelector('#card').after('the last change');
    })()`;

/**
 * Runs in the page: does all kinds of things to elements that are marked, blocked or written into, in the page, in shadow
 * trees and in frames, with texts that can be known again. What was marked once is never moved to where it is not.
 */
export const chaos = `async (seed) => {
  const random = (below) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
    return ((seed >>> 8) & 0xffff) % below;
  };
  const of = (list) => list[random(list.length)];
  const secret = () => 'Q' + Array.from({ length: 8 }, () => of('abcdefghijklmnop')).join('') + 'Q';
  const places = [];
  const place = (html, within) => {
    document.body.insertAdjacentHTML('beforeend', html);
    places.push(within ? within(document.body.lastElementChild) : document.body.lastElementChild);
  };
  const shadowOf = (host) => host.attachShadow({ mode: 'open' });
  const frameIn = (element) => element.querySelector('iframe').contentDocument.body;
  for (const mark of ['data-tl-mask', 'class="tl-mask"', 'data-tl-block', 'data-tl-ignore', 'contenteditable', 'role="textbox"']) {
    place('<div ' + mark + '></div>');
    place('<div ' + mark + '></div>', shadowOf);
    place('<div ' + mark + '><iframe srcdoc="<p></p>"></iframe></div>', (element) => element);
    await new Promise((done) => setTimeout(done, 30));
    places.push(frameIn(document.body.lastElementChild));
  }
  place('<div><div data-tl-mask></div></div>', (outer) => {
    const shadow = shadowOf(outer);
    shadow.innerHTML = '<section data-tl-mask></section><textarea></textarea>';
    return shadow.firstChild;
  });
  const inputs = ['text', 'password', 'checkbox', 'hidden', 'email', 'radio', 'range', 'number'];
  const deeds = [
    (at) => at.append(secret()),
    (at) => at.append(Object.assign(document.createElement(of(['p', 'b', 'x-card', 'li', 'textarea'])), { textContent: secret() })),
    (at) => at.append(Object.assign(document.createElement('img'), { alt: secret(), title: secret(), src: '/none.png?' + secret() })),
    (at) => {
      const input = document.createElement('input');
      input.type = of(inputs);
      at.append(input);
      input.value = secret();
      input.setAttribute('value', secret());
      input.placeholder = secret();
      input.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
    },
    (at) => {
      const inner = Object.assign(document.createElement('div'), { innerHTML: '<i title="' + secret() + '">' + secret() + '</i><!--' + secret() + '-->' });
      at.append(inner);
    },
    (at) => {
      const host = document.createElement('div');
      at.append(host);
      const shadow = shadowOf(host);
      shadow.append(secret());
      setTimeout(() => shadow.append(secret()), random(60));
    },
    (at) => {
      for (const node of at.childNodes) if (node.nodeType === 3) node.data = secret();
    },
    (at) => {
      for (const node of at.querySelectorAll('*')) node.setAttribute(of(['title', 'aria-label', 'data-x', 'value', 'alt', 'label', 'name']), secret());
    },
    (at) => of(places).append(...Array.from(at.childNodes).filter((node) => node.nodeName !== 'IFRAME')),
    (at) => at.lastChild && at.lastChild.nodeName !== 'IFRAME' && at.lastChild.remove(),
    (at) => {
      const outer = document.createElement('div');
      at.append(outer);
      outer.style.setProperty('--x', "'" + secret() + "'");
      outer.replaceChildren(secret(), document.createElement('hr'), secret());
    },
    () => console.log(of(places.filter((place) => place.getRootNode() === document)).textContent),
  ];
  for (let step = 0; step < 400; step++) {
    of(deeds)(of(places));
    if (step % 5 === 0) await new Promise((done) => setTimeout(done, 3));
  }
}`;
