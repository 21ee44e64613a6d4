// The chat widget: one button and one panel in a shadow tree, so that the page's styles and the widget's leave each other
// alone. What is typed is kept until the server has it: it is sent again under the same id, which is harmless.
(() => {
  'use strict';
  const settings = __SETTINGS__;
  const address = document.currentScript.src;
  const memory = { get: (key) => { try { return localStorage.getItem(key); } catch { return null; } },
    set: (key, value) => { try { localStorage.setItem(key, value); } catch { /* a page without storage forgets */ } } };
  const place = 'inlet-chat ' + new URL(address).pathname;
  // A page without storage has a session for as long as it is open.
  let current = memory.get(place);

  const host = document.createElement('div');
  const root = host.attachShadow({ mode: 'open' });
  root.innerHTML = `<style>
    :host{all:initial;--own:#2458d3;--back:#fff;--text:#1c2330;--soft:#5d6675;--line:#dde1e8;--raised:#f2f4f8;
      position:fixed;right:20px;bottom:20px;z-index:2147483000;font:15px/1.45 system-ui,sans-serif;color:var(--text)}
    @media (prefers-color-scheme:dark){:host{--back:#171b23;--text:#e8ebf1;--soft:#a0a8b6;--line:#2c3340;--raised:#222834}}
    *{box-sizing:border-box;font:inherit;color:inherit}
    [hidden]{display:none!important}
    button{cursor:pointer;border:0;background:none;border-radius:8px}
    :focus-visible{outline:2px solid var(--own);outline-offset:2px}
    #open{position:relative;width:56px;height:56px;border-radius:50%;background:var(--own);box-shadow:0 4px 16px #0004;display:grid;place-items:center}
    #open svg{width:26px;height:26px;fill:none;stroke:#fff;stroke-width:2;stroke-linejoin:round}
    #count{position:absolute;top:-4px;right:-4px;min-width:22px;padding:1px 6px;border-radius:11px;background:#c62828;color:#fff;font-size:12px;font-weight:600}
    #panel{position:absolute;right:0;bottom:72px;width:360px;height:min(520px,calc(100vh - 112px));display:flex;flex-direction:column;
      background:var(--back);border:1px solid var(--line);border-radius:16px;box-shadow:0 12px 40px #0005;overflow:hidden}
    header{display:flex;align-items:center;gap:8px;padding:14px 16px;background:var(--own);color:#fff;font-weight:600}
    header span{flex:1}header button{padding:4px 10px;font-size:18px;line-height:1}header :focus-visible{outline-color:#fff}
    #log{flex:1;overflow:auto;padding:16px;display:flex;flex-direction:column;gap:8px}
    #log p{margin:0;align-self:flex-start;max-width:85%;padding:8px 12px;border-radius:14px;background:var(--raised);overflow-wrap:anywhere;white-space:pre-wrap}
    #log a{display:block;text-decoration:underline}
    #log .mine{align-self:flex-end;background:var(--own);color:#fff}
    #log small{align-self:flex-end;font-size:12px;color:var(--soft)}
    form{display:flex;flex-direction:column;gap:8px;padding:12px;border-top:1px solid var(--line)}
    form div{display:flex;gap:8px;align-items:flex-end}
    input,textarea{width:100%;border:1px solid var(--line);border-radius:10px;background:var(--back);padding:8px 10px;resize:none}
    form button{background:var(--own);color:#fff;padding:8px 14px;font-weight:600}
    @media (max-width:480px){:host{right:12px;bottom:12px}
      #panel{position:fixed;inset:0;width:auto;height:auto;border:0;border-radius:0}}
  </style>
  <section id="panel" role="dialog" aria-label="Chat" hidden>
    <header><span></span><button id="close" type="button" aria-label="Close the chat">×</button></header>
    <div id="log" role="log" aria-live="polite"><p></p></div>
    <form><input id="name" placeholder="Your name" aria-label="Your name" autocomplete="name" maxlength="100">
      <div><textarea id="text" rows="2" placeholder="Write a message" aria-label="Write a message" maxlength="4000"></textarea>
      <button>Send</button></div></form>
  </section>
  <button id="open" type="button" aria-expanded="false" aria-label="Open the chat"><svg viewBox="0 0 24 24"><path d="M4 5h16v11H9l-5 4z"/></svg><span id="count" hidden></span></button>`;
  const at = (id) => root.getElementById(id);
  host.style.setProperty('--own', settings.color);
  root.querySelector('header span').textContent = settings.title;
  root.querySelector('#log p').textContent = settings.greeting;
  at('panel').setAttribute('aria-label', settings.title);

  // What the team wrote that nobody has seen yet is counted at the button.
  let [newest, unread] = ['', 0];
  const count = () => {
    at('count').textContent = unread;
    at('count').hidden = !unread;
    at('open').setAttribute('aria-label', unread ? `Open the chat: ${unread} new` : 'Open the chat');
  };
  const read = () => {
    unread = 0;
    if (newest) memory.set(`${place} read`, newest);
    count();
  };
  const show = (open) => {
    at('panel').hidden = !open;
    at('open').setAttribute('aria-expanded', String(open));
    if (open) read();
    at(open ? 'text' : 'open').focus();
  };
  at('open').onclick = () => show(at('panel').hidden);
  at('close').onclick = () => show(false);
  root.addEventListener('keydown', (event) => { if (event.key === 'Escape' && !at('panel').hidden) show(false); });
  at('text').addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); root.querySelector('form').requestSubmit(); }
  });

  // A body of plain text asks no leave beforehand; the server reads it as JSON.
  const post = (body) => fetch(address, { method: 'POST', body: JSON.stringify(body), credentials: 'omit' });
  const session = async (anew) => {
    if (current && !anew) return current;
    const answer = await post({});
    if (!answer.ok) throw new Error(await answer.text());
    current = (await answer.json()).session;
    memory.set(place, current);
    return current;
  };
  const send = async (message) => {
    let answer = await post({ session: await session(false), ...message });
    if (answer.status === 403) answer = await post({ session: await session(true), ...message });
    if (!answer.ok) throw new Error(await answer.text());
  };
  // One after the other, so that they arrive in the order in which they were written.
  let before = Promise.resolve();
  const deliver = async (message, state) => {
    for (const wait of [0, 1000, 4000, 15000]) {
      await new Promise((done) => setTimeout(done, wait));
      state.textContent = 'Sending…';
      try { await send(message); state.textContent = 'Sent'; listen(); return; } catch { /* once more, under the same id */ }
    }
    state.textContent = 'Not sent: check your connection, then write again.';
  };
  // What this page shows: messages by the server's ids, and those that were typed here by ours.
  const [shown, typed] = [new Set(), new Set()];
  const line = (text, mine) => {
    const line = document.createElement('p');
    if (mine) line.className = 'mine';
    line.textContent = text;
    at('log').append(line);
    return line;
  };
  const put = ({ id, own, text, files }) => {
    if (shown.has(id)) return;
    shown.add(id);
    if (typed.has(own)) return;
    const said = line(text, own !== null);
    for (const file of files.filter((file) => /^https?:\/\//i.test(file))) {
      const link = document.createElement('a');
      Object.assign(link, { href: file, target: '_blank', rel: 'noopener noreferrer', textContent: file.split('/').pop() || file });
      said.append(link);
    }
    at('name').hidden = true;
    if (own !== null) return;
    newest = id;
    unread = id === memory.get(`${place} read`) ? 0 : unread + 1;
  };
  // The question waits at the server until there is something; after an error it is asked again, ever more seldom.
  const rest = (time) => new Promise((done) => setTimeout(done, time));
  let listening = false;
  const listen = async () => {
    if (listening || !current || document.hidden) return;
    listening = true;
    for (let failed = 0; current && !document.hidden;) {
      const began = Date.now();
      try {
        const answer = await post({ session: current, shows: [...shown].slice(-500), waits: true });
        if (answer.status === 403) break; // the session is too old: the next message opens another
        if (!answer.ok) throw new Error(await answer.text());
        const { messages } = await answer.json();
        const before = shown.size;
        messages.forEach(put);
        if (shown.size > before) {
          at('log').scrollTop = at('log').scrollHeight;
          if (at('panel').hidden) count(); else read();
        } else if (Date.now() - began < 4000) await rest(4000);
        failed = 0;
      } catch { await rest(Math.min(30000, 1000 * 2 ** failed++)); }
    }
    listening = false;
  };
  document.addEventListener('visibilitychange', listen);
  const id = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
  root.querySelector('form').onsubmit = (event) => {
    event.preventDefault();
    const text = at('text').value.trim();
    if (!text) return;
    const state = document.createElement('small');
    line(text, true).after(state);
    at('log').scrollTop = at('log').scrollHeight;
    const message = { id: id(), text, name: at('name').value.trim() };
    typed.add(message.id);
    at('text').value = '';
    at('name').hidden = true;
    before = before.then(() => deliver(message, state));
  };
  (document.body || document.documentElement).append(host);
  listen();
})();
