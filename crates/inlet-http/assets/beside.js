// The pages beside the inbox work without this: it copies, asks before what cannot be taken back, tells the server where
// the reader's clock stands, and looks again at what still moves.
(() => {
  'use strict';

  const $ = (selector, root = document) => root.querySelector(selector);

  // Times are drawn by the server in the reader's zone, which it learns from this cookie.
  document.cookie = `inlet_offset=${-new Date().getTimezoneOffset()}; path=/; max-age=31536000; samesite=lax`;

  // On a phone the rail is longer than the window is wide.
  $('.rail [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });

  async function copy(button) {
    const text = button.dataset.text ?? document.getElementById(button.dataset.copy).textContent;
    await navigator.clipboard.writeText(text.trim());
    const label = $('span', button) ?? button;
    const before = label.textContent;
    label.textContent = 'Copied';
    setTimeout(() => { label.textContent = before; }, 1500);
  }

  document.addEventListener('click', (event) => {
    const button = event.target.closest('[data-copy], [data-text]');
    if (button) copy(button).catch(() => {});
    for (const menu of document.querySelectorAll('.switch[open], .choose-one[open]')) if (!menu.contains(event.target)) menu.open = false;
  });

  document.addEventListener('submit', (event) => {
    const sure = event.submitter?.dataset.sure;
    if (sure && !window.confirm(sure)) event.preventDefault();
  });

  // ---- the keyboard: g and a letter lead to a section, / to the search -------------------------------------------------

  let began = 0;

  document.addEventListener('keydown', (event) => {
    const typing = event.target.closest?.('input, textarea, select, [contenteditable]');
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const place = Date.now() - began < 1500 && $(`.rail [data-go="${CSS.escape(event.key)}"]`);
    began = event.key === 'g' ? Date.now() : 0;
    if (place) location.assign(place.href);
    else if (event.key === '/' && $('#find')) {
      event.preventDefault();
      $('#find').focus();
    }
  });

  // ---- what still moves ------------------------------------------------------------------------------------------------

  /** Draws the live parts anew, unless somebody is at work in one. */
  async function look() {
    const parts = [...document.querySelectorAll('[data-moves]')];
    const busy = (part) => part.contains(document.activeElement) || $('details[open]', part);
    if (!parts.length || document.hidden || parts.some(busy)) return;
    const answer = await fetch(location.href, { credentials: 'same-origin' });
    if (answer.status === 401) return location.reload();
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = [...page.querySelectorAll('[data-moves]')];
    parts.forEach((part, place) => {
      if (fresh[place] && fresh[place].innerHTML !== part.innerHTML) part.replaceChildren(...fresh[place].childNodes);
    });
  }

  setInterval(() => look().catch(() => {}), 5000);
})();
