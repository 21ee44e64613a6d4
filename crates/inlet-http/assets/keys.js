// The keyboard: from the list to the inspector and back to the same row. Nothing here fires while someone types.
(() => {
  'use strict';

  const { $, all, openId, go, mark, rove } = inlet;
  let came = '';
  let began = 0;

  const row = () => document.activeElement?.closest('.row');

  function step(by) {
    const inThread = document.activeElement?.closest('#thread .message');
    const items = inThread ? all('#messages > .message') : all('#rows [role=option]');
    if (!items.length) return false;
    const from = items.findIndex((item) => item === document.activeElement || item === inThread);
    const current = items.findIndex((item) => item.matches('[aria-current]'));
    const next = from >= 0 ? from + by : current >= 0 ? current + by : by > 0 ? 0 : items.length - 1;
    const item = items[Math.max(0, Math.min(items.length - 1, next))];
    item.focus();
    item.scrollIntoView({ block: 'nearest' });
    if (!inThread) rove(item);
    return true;
  }

  function backToRow(id) {
    const link = $(`#c-${id} > a`) ?? $('#rows [role=option]');
    link?.focus();
    if (link) rove(link);
  }

  async function back() {
    const open = $('details[open]');
    if (open) {
      open.open = false;
      return $('summary', open).focus();
    }
    const side = $('#side .close');
    if (side) {
      const message = $('#side').dataset.message;
      await go(side.href);
      return (document.getElementById(`m-${message}`) ?? $('#thread .scroll'))?.focus();
    }
    const id = openId();
    if (!id) return document.activeElement?.blur();
    const link = $('a.back');
    if (link?.offsetParent) await go(link.href);
    backToRow(id);
  }

  /** Reads or stars the row that has the focus, else the conversation that is open. */
  function toggle(key) {
    if ('looks' in document.body.dataset) return;
    const here = row();
    if (!here || here.id === `c-${openId()}`) return $(`#tools [data-key=${key}]`)?.click();
    const as = key === 's'
      ? ($('.star', here) ? 'unstarred' : 'starred')
      : (here.classList.contains('unread') ? 'read' : 'unread');
    mark(here.id.slice(2), as).catch(() => {});
  }

  function inspect() {
    if (!openId()) return;
    const focused = document.activeElement?.closest('.message');
    const target = focused ?? all('#messages > .message').pop();
    const link = target && $('a.inspect', target);
    if (link) link.click();
  }

  function help() {
    const sheet = $('#help');
    if (sheet?.open) sheet.close();
    else sheet?.showModal();
  }

  const keys = {
    j: () => step(1),
    k: () => step(-1),
    ArrowDown: () => (row() || document.activeElement?.closest('.message')) && step(1),
    ArrowUp: () => (row() || document.activeElement?.closest('.message')) && step(-1),
    Escape: () => { back(); return true; },
    u: () => { toggle('u'); return true; },
    s: () => { toggle('s'); return true; },
    i: () => { inspect(); return true; },
    p: () => { $('#tools [data-key=p]')?.click(); return true; },
    r: () => { $('.reply textarea')?.focus(); return true; },
    '/': () => { $('#q')?.focus(); $('#q')?.select(); return true; },
    '?': () => { help(); return true; },
  };

  document.addEventListener('keydown', (event) => {
    const typing = event.target.closest?.('input, textarea, select, [contenteditable]');
    if (event.ctrlKey || event.metaKey || event.altKey || $('dialog[open]')) return;
    if (typing) {
      if (event.key === 'Escape') typing.blur();
      return;
    }
    const place = came === 'g' && Date.now() - began < 1500 && $(`.rail [data-go="${CSS.escape(event.key)}"]`);
    if (place) {
      came = '';
      event.preventDefault();
      return location.assign(place.href);
    }
    came = event.key;
    began = Date.now();
    if (keys[event.key]?.()) event.preventDefault();
  });

  document.addEventListener('click', (event) => {
    if (event.target.closest('#help .close, #help') === $('#help') || event.target.closest('[data-closes]')) $('#help')?.close();
    if (event.target.closest('[data-help]')) help();
  });
})();
