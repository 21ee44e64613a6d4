// The thread: the box to reply in, and pictures at their full size.
(() => {
  'use strict';

  const { $, all } = inlet;

  // ---- replying ---------------------------------------------------------------------------------------------------

  async function send(form) {
    const [box, button, why] = [$('textarea', form), $('button', form), $('.why', form)];
    const body = new URLSearchParams(new FormData(form));
    button.disabled = true;
    try {
      const answer = await fetch(form.action, { method: 'POST', body, credentials: 'same-origin', redirect: 'manual' });
      const refused = answer.type !== 'opaqueredirect';
      why.textContent = refused ? (answer.status === 422 ? await answer.text() : 'It was not sent. Try again in a moment.') : '';
      why.hidden = !refused;
      if (!refused) box.value = '';
    } catch {
      why.textContent = 'It was not sent: there is no connection.';
      why.hidden = false;
    } finally {
      button.disabled = false;
      box.focus();
    }
  }

  document.addEventListener('submit', (event) => {
    if (!event.target.matches('form.reply')) return;
    event.preventDefault();
    send(event.target);
  });

  document.addEventListener('keydown', (event) => {
    const form = event.target.closest?.('form.reply');
    if (form && event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });

  // ---- pictures ---------------------------------------------------------------------------------------------------

  const box = $('#lightbox');
  let shown = 0;
  let came = null;

  const pictures = () => all('#messages a.picture');

  function look(index) {
    const found = pictures();
    shown = (index + found.length) % found.length;
    const link = found[shown];
    const picture = $('img', box);
    picture.src = link.href;
    picture.alt = $('img', link).alt;
    $('a', box).href = link.href;
    $('p', box).textContent = `${picture.alt} · ${shown + 1} of ${found.length}`;
    if (!box.open) box.showModal();
  }

  document.addEventListener('click', (event) => {
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    const link = plain && event.target.closest('a.picture');
    if (link) {
      event.preventDefault();
      came = link;
      look(pictures().indexOf(link));
    } else if (event.target === box || event.target.closest('#lightbox .close')) box.close();
  });

  box?.addEventListener('keydown', (event) => {
    const by = { ArrowRight: 1, j: 1, ArrowLeft: -1, k: -1 }[event.key];
    if (by) look(shown + by);
  });
  box?.addEventListener('close', () => {
    $('img', box).removeAttribute('src');
    came?.focus();
  });
})();
