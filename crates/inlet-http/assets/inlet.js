// Keeps an open inbox up to date, and opens conversations without leaving the page. Everything it shows is drawn by the
// server; without this script the same pages work, by plain links and forms.
const inlet = (() => {
  'use strict';

  // What the other parts of the script are given; each may ask to hear when the page has changed.
  const parts = {};
  const body = document.body;
  const base = body.dataset.location;
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ---- asking the server ------------------------------------------------------------------------------------------

  async function ask(path) {
    const answer = await fetch(path, { credentials: 'same-origin' });
    if (answer.status === 401) location.reload();
    if (answer.status === 205) return { anew: true };
    return { text: answer.ok ? await answer.text() : '' };
  }

  async function askPage(path) {
    const { text } = await ask(path);
    return text ? new DOMParser().parseFromString(text, 'text/html') : null;
  }

  function nodes(html) {
    const holder = document.createElement('template');
    holder.innerHTML = html;
    return [...holder.content.children];
  }

  // ---- what is on the page ----------------------------------------------------------------------------------------

  const openId = () => $('#messages')?.dataset.conversation;

  /** Puts the part `selector` of another page in the place of ours, if the two differ. */
  function take(page, selector) {
    const [ours, theirs] = [$(selector), $(selector, page)];
    if (!ours || !theirs || ours.outerHTML === theirs.outerHTML) return;
    ours.hidden = theirs.hidden;
    ours.replaceChildren(...theirs.childNodes);
    for (const name of ['conversation', 'newest', 'at', 'cut', 'unread']) {
      if (name in theirs.dataset) ours.dataset[name] = theirs.dataset[name];
      else delete ours.dataset[name];
    }
  }

  function settle() {
    const open = openId();
    for (const link of all('.row > a')) {
      if (link.parentElement.id === `c-${open}`) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
    rove();
    const unread = Number($('#tabs')?.dataset.unread ?? 0);
    document.title = document.title.replace(/^(\(\d+\) )?/, unread ? `(${unread}) ` : '');
    all('a.older:not(.newer)').forEach((link) => sight.observe(link));
    offerCopies();
    tick();
    parts.settled?.();
  }

  /** One row can be reached by Tab; the arrow keys go on from there. */
  function rove(chosen) {
    const rows = all('#rows [role=option]');
    const first = chosen ?? rows.find((row) => row === document.activeElement) ?? rows.find((row) => row.matches('[aria-current]')) ?? rows[0];
    for (const row of rows) {
      row.tabIndex = row === first ? 0 : -1;
      row.setAttribute('aria-selected', row.matches('[aria-current]'));
    }
    if (!$('#rows')) return;
    if (rows.length) $('#rows').setAttribute('role', 'listbox');
    else $('#rows').removeAttribute('role');
  }

  /** Looks at everything again: after a gap, or where something belongs in between. */
  async function refresh() {
    const page = await askPage(location.href);
    if (!page) return;
    const same = openId() && openId() === $('#messages', page)?.dataset.conversation;
    const started = !$('.row') && $('.row', page);
    takeHead(page);
    if (started) {
      take(page, '#list');
      body.className = page.body.className;
    } else if ($('#rows')?.dataset.newest !== undefined) take(page, '#rows');
    const guided = $('#thread .guide') && $('.guide', page);
    if (started || (!same && !guided)) take(page, '#thread');
    else if (same) {
      if ($('#messages')?.dataset.newest !== undefined) take(page, '#messages');
      take(page, '#tools');
    }
    settle();
  }

  function takeHead(page) {
    take(page, '#total');
    take(page, '#tabs');
    take(page, '#chips');
  }

  const cut = () => $('#list')?.dataset.cut ?? '';

  /** Shows another page in the place of this one: its thread, and its list where that is cut differently. */
  async function show(path) {
    const page = await askPage(path);
    if (!page) return location.assign(path);
    const theirThread = $('#messages', page)?.dataset;
    const same = openId() === theirThread?.conversation && !theirThread?.at;
    const theirs = $('#list', page)?.dataset.cut;
    takeHead(page);
    if (theirs !== cut()) {
      ['#rows', '#empty'].forEach((part) => take(page, part));
      $('#list').dataset.cut = theirs;
      if (document.activeElement !== $('#q')) $('#q').value = $('#q', page).value;
    }
    if (!same) take(page, '#thread');
    const opens = !$('#side').childElementCount;
    take(page, '#side');
    body.className = page.body.className;
    document.title = page.title;
    settle();
    if (!same) $('#thread .scroll')?.focus({ preventScroll: true });
    if (opens) $('#side [role=tab][aria-selected=true], #side .close')?.focus({ preventScroll: true });
    seek();
  }

  /** Brings the message into view that a search led to. */
  function seek() {
    const at = $('#messages')?.dataset.at;
    const message = at && document.getElementById(`m-${at}`);
    if (!message) return;
    message.scrollIntoView({ block: 'center' });
    message.focus({ preventScroll: true });
  }

  function go(path) {
    if (new URL(path, location.href).href !== location.href) history.pushState({}, '', path);
    return show(path).catch(() => location.assign(path));
  }

  /** Marks a conversation; what becomes of it comes back as news, in every tab. */
  async function mark(conversation, as) {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded', 'X-Inlet-Token': body.dataset.token };
    const path = `${base}/c/${conversation}/mark`;
    await fetch(path, { method: 'POST', headers, body: `as=${as}`, credentials: 'same-origin', redirect: 'manual' });
    hear({ conversation, message: null, new: false });
  }

  /** Puts what is older in the place of the link to it. In the thread the view stays, because it scrolls from below. */
  async function older(link) {
    if (link.dataset.asked) return;
    link.dataset.asked = 'true';
    const home = link.closest('#rows, #messages');
    const page = await askPage(link.href);
    const source = page && $(`#${home.id}`, page);
    if (!source) return delete link.dataset.asked;
    const found = [...source.children].filter((child) => !child.matches('.newer'));
    const below = home.id === 'messages' && link.nextElementSibling;
    const lastDay = found.filter((child) => child.matches('.day')).pop();
    if (below && lastDay && below.dataset.day === lastDay.dataset.day) below.remove();
    (link.closest('.more') ?? link).replaceWith(...found);
    settle();
  }

  // ---- news -------------------------------------------------------------------------------------------------------

  const changed = new Map();
  let working = false;

  function hear({ conversation, message, new: isNew }) {
    const word = changed.get(conversation) ?? { isNew: false, amended: new Set() };
    if (isNew) word.isNew = true;
    else if (message) word.amended.add(message);
    changed.set(conversation, word);
    if (!working) work();
  }

  /** One question at a time, however fast the news come; too many at once are answered by looking at everything. */
  async function work() {
    working = true;
    try {
      while (changed.size) {
        const news = [...changed];
        changed.clear();
        if (news.length > 20 || !$('.row')) await refresh();
        else for (const [conversation, word] of news) await update(conversation, word);
        const { text } = await ask(`${base}/tabs${cut()}`);
        const head = text && new DOMParser().parseFromString(text, 'text/html');
        if (head) ['#total', '#tabs'].forEach((part) => take(head, part));
        settle();
      }
    } catch {
      // The network is gone: when the stream is back, everything is looked at again.
    } finally {
      working = false;
    }
  }

  async function update(conversation, word) {
    const { text } = await ask(`${base}/rows/${conversation}${cut()}`);
    const row = nodes(text ?? '')[0];
    const old = document.getElementById(`c-${conversation}`);
    if (row) placeRow(row);
    else if (old && conversation !== openId()) old.remove();
    if (conversation === openId()) {
      const tools = nodes((await ask(`${base}/c/${conversation}/tools${cut()}`)).text ?? '')[0];
      const focused = $('#tools :focus')?.dataset.key;
      if (tools) $('#tools').replaceWith(tools);
      if (focused) $(`#tools [data-key=${focused}]`)?.focus();
    }
    if (conversation === openId() && $('#messages').dataset.newest !== undefined) await updateThread(conversation, word);
    settle();
  }

  /** The list stands in order of the latest message. */
  function placeRow(row) {
    const rows = $('#rows');
    const old = document.getElementById(row.id);
    const focused = old?.contains(document.activeElement);
    old?.remove();
    const next = all('.row:not(.hit)', rows).find((other) => Number(other.dataset.at) <= Number(row.dataset.at));
    if (next) next.before(row);
    else $('.group, .more', rows) ? $('.group, .more', rows).before(row) : rows.append(row);
    if (rows.dataset.newest === undefined && rows.firstElementChild === row) row.remove();
    $('#empty').hidden = true;
    if (focused) $('[role=option]', row).focus({ preventScroll: true });
  }

  async function updateThread(conversation, { isNew, amended }) {
    const here = `${base}/c/${conversation}`;
    for (const id of amended) {
      const old = document.getElementById(`m-${id}`);
      const { text } = old ? await ask(`${here}/m/${id}${cut()}`) : {};
      const fresh = nodes(text ?? '').find((node) => node.id === `m-${id}`);
      if (!fresh) continue;
      fresh.classList.toggle('joins', old.classList.contains('joins'));
      old.replaceWith(fresh);
    }
    const last = all('#messages > .message').pop();
    if (!isNew) return;
    const { text, anew } = last ? await ask(`${here}/after/${last.id.slice(2)}${cut()}`) : { anew: true };
    if (anew) return refresh();
    const arrived = nodes(text);
    arrived.forEach((node) => node.classList.add('arrives'));
    const away = $('#thread .scroll').scrollTop < -60;
    $('#messages').append(...arrived);
    if (away) pill(arrived.filter((node) => node.matches('.message')).length);
  }

  /** Says that something came below what is being read. */
  function pill(more) {
    const sign = $('#pill');
    if (!sign) return;
    sign.dataset.count = Number(sign.dataset.count ?? 0) + more;
    sign.textContent = `↓ ${sign.dataset.count} new`;
    sign.hidden = false;
  }

  function pillAway() {
    const sign = $('#pill');
    if (!sign) return;
    sign.hidden = true;
    delete sign.dataset.count;
  }

  // ---- the stream of news -----------------------------------------------------------------------------------------

  function live(state, words) {
    body.dataset.live = state;
    all('.live').forEach((dot) => { dot.title = words; });
    const status = $('#status');
    status.textContent = words;
    status.hidden = state === 'on';
  }

  function listen() {
    const stream = new EventSource(`${base}/events`);
    stream.addEventListener('hello', () => {
      // It is live once what came before the stream is there too: then nothing is drawn anew under somebody's hands.
      refresh().catch(() => {}).then(() => { if (stream.readyState === EventSource.OPEN) live('on', 'live'); });
    });
    stream.addEventListener('gap', () => refresh().catch(() => {}));
    stream.addEventListener('message', (event) => hear(JSON.parse(event.data)));
    stream.addEventListener('error', () => {
      const gone = stream.readyState === EventSource.CLOSED;
      live('off', gone ? 'not live' : 'reconnecting …');
      if (gone) setTimeout(listen, 10_000);
    });
  }

  // ---- small things -----------------------------------------------------------------------------------------------

  const ahead = Date.parse(body.dataset.now) - Date.now();

  function tick() {
    for (const time of all('time.ago')) {
      const minutes = Math.floor((Date.now() + ahead - Date.parse(time.dateTime)) / 60_000);
      if (minutes >= 1440) continue;
      const words = minutes < 1 ? 'now' : minutes < 60 ? `${minutes}m` : `${Math.floor(minutes / 60)}h`;
      if (time.textContent !== words) time.textContent = words;
    }
  }

  function offerCopies() {
    if (!navigator.clipboard) return;
    for (const code of all('.guide pre:not(.copies)')) {
      code.classList.add('copies');
      const text = code.textContent;
      const button = Object.assign(document.createElement('button'), { textContent: 'Copy', type: 'button' });
      button.addEventListener('click', async () => {
        await navigator.clipboard.writeText(text);
        button.textContent = 'Copied';
        setTimeout(() => { button.textContent = 'Copy'; }, 1500);
      });
      code.append(button);
    }
  }

  const sight = new IntersectionObserver((seen) => {
    seen.filter((entry) => entry.isIntersecting).forEach((entry) => older(entry.target).catch(() => {}));
  });

  document.addEventListener('click', (event) => {
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (event.target.closest('#pill')) {
      $('#thread .scroll').scrollTop = 0;
      return pillAway();
    }
    for (const menu of all('details[open]')) if (!menu.contains(event.target)) menu.open = false;
    const link = plain && event.target.closest('.row > a, a.back, a.older:not(.newer), .tabs a, .chips a, a.stays');
    if (!link) return;
    event.preventDefault();
    if (link.matches('.older')) return older(link).catch(() => location.assign(link.href));
    go(link.href);
  });
  document.addEventListener('submit', (event) => {
    const form = event.target.closest('#tools form');
    if (!form || !event.submitter) return;
    event.preventDefault();
    mark(openId(), event.submitter.value).catch(() => form.submit());
  });
  let typed = 0;
  /** The list as the search box cuts it; what else cuts it stays, and so does the thread. */
  function search() {
    clearTimeout(typed);
    const pairs = new URLSearchParams(cut());
    pairs.delete('q');
    if ($('#q').value.trim()) pairs.set('q', $('#q').value.trim());
    const query = pairs.size ? `?${pairs}` : '';
    return query === cut() ? Promise.resolve() : go(location.pathname + query);
  }
  document.addEventListener('input', (event) => {
    if (event.target.id !== 'q') return;
    clearTimeout(typed);
    typed = setTimeout(search, 250);
  });
  document.addEventListener('submit', (event) => {
    if (!event.target.matches('.search')) return;
    event.preventDefault();
    search().then(() => $('#rows [role=option]')?.focus());
  });
  document.addEventListener('scroll', (event) => {
    if (event.target.matches?.('.scroll') && event.target.scrollTop > -20) pillAway();
  }, true);
  addEventListener('popstate', () => show(location.href).catch(() => location.reload()));

  // Times are drawn by the server in the reader's zone, which it learns from this cookie.
  const minutes = -new Date().getTimezoneOffset();
  document.cookie = `inlet_offset=${minutes}; path=/; max-age=31536000; samesite=lax`;

  settle();
  seek();
  setInterval(tick, 20_000);
  if (base) listen();
  return Object.assign(parts, { $, all, base, ask, askPage, nodes, openId, cut, take, settle, show, go, mark, rove });
})();
