// The inspector: one part at a time, copies, and what still waits is looked at again.
(() => {
  'use strict';

  const { $, all, base, ask, cut, openId } = inlet;
  let chosen = 'side-message';

  inlet.settled = () => {
    const id = $('#side .inspector')?.dataset.message;
    if (id) $('#side').dataset.message = id;
    for (const message of all('#messages > .message')) message.classList.toggle('sel', message.id === `m-${id}`);
    choose(chosen);
  };

  function choose(id) {
    chosen = id;
    for (const part of all('#side .part')) part.hidden = part.id !== id;
    for (const tab of all('#side [role=tab]')) {
      const on = tab.hash === `#${id}`;
      tab.setAttribute('aria-selected', on);
      tab.tabIndex = on ? 0 : -1;
    }
  }

  async function copy(button, text) {
    await navigator.clipboard.writeText(text);
    const label = button.lastChild;
    const before = label.textContent;
    label.textContent = 'Copied';
    setTimeout(() => { label.textContent = before; }, 1500);
  }

  document.addEventListener('click', (event) => {
    const tab = event.target.closest('#side [role=tab]');
    if (tab) {
      event.preventDefault();
      choose(tab.hash.slice(1));
    }
    const button = event.target.closest('[data-copy], [data-text]');
    if (button) copy(button, button.dataset.text ?? document.getElementById(button.dataset.copy).textContent).catch(() => {});
  });

  document.addEventListener('keydown', (event) => {
    const tab = event.target.closest?.('#side [role=tab]');
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!tab || !by) return;
    const tabs = all('#side [role=tab]');
    const next = tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length];
    choose(next.hash.slice(1));
    next.focus();
  });

  setInterval(async () => {
    const id = $('#side .wait') && $('#side .inspector').dataset.message;
    if (!id || document.hidden || $('#side').contains(document.activeElement)) return;
    const { text } = await ask(`${base}/c/${openId()}/m/${id}/inspect${cut()}`).catch(() => ({}));
    if (!text || $('#side .inspector')?.dataset.message !== id) return;
    $('#side').innerHTML = text;
    inlet.settled();
  }, 3000);

  inlet.settled();
})();
