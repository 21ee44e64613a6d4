// The inspector: one part at a time, copies, and what still waits is looked at again.
(() => {
  'use strict';

  const { $, all, base, ask, cut, openId } = inlet;
  let chosen = 'side-message';

  inlet.settled = () => {
    const id = $('#side .inspector')?.dataset.message;
    $('#side').dataset.message = id ?? '';
    for (const message of all('#messages > .message')) message.classList.toggle('sel', message.id === `m-${id}`);
    choose(chosen);
  };

  function choose(id) {
    chosen = id;
    for (const part of all('#side .inspector .part')) part.hidden = part.id !== id;
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

  /** Draws the side anew, as it stands now. */
  async function again() {
    const id = $('#side .inspector')?.dataset.message;
    const open = openId();
    const path = id ? `m/${id}/inspect` : 'person';
    const { text } = await ask(`${base}/c/${open}/${path}${cut()}`);
    if (!text || openId() !== open || $('#side .inspector')?.dataset.message !== id) return;
    const typed = $('#side .add input[name=what]') === document.activeElement;
    $('#side').innerHTML = text;
    if (typed) $('#side .add input[name=what]')?.focus();
    inlet.settled();
  }

  document.addEventListener('submit', async (event) => {
    const form = event.target.closest('#side form[method=post]');
    if (!form || form.dataset.whole !== undefined) return;
    event.preventDefault();
    const fields = new URLSearchParams(new FormData(form, event.submitter));
    try {
      await fetch(form.action, { method: 'POST', body: fields, credentials: 'same-origin', redirect: 'manual' });
      await again();
    } catch {
      form.submit();
    }
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

  setInterval(() => {
    if ($('#side .wait') && !document.hidden && !$('#side').contains(document.activeElement)) again().catch(() => {});
  }, 3000);

  inlet.settled();
})();
