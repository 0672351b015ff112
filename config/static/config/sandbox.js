/*
  The sandbox of the policy desk: a click on a year turns it, every change is recomputed in place.
  The server renders; this file sends the form and puts the parts marked data-live where they belong.
  Without it the same form is sent by its buttons. Baseline: Chromium 88.
*/
'use strict';
{
  const form = document.getElementById('sandbox');
  const TURNS = { R: 'E', E: 'N', N: 'R' };
  const PAUSE = 200; // milliseconds after the last key before what is typed is computed
  let waiting = 0;
  let asked = null;

  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const years = () => all('.tc-year', form);

  /* ---------- the answer ---------- */
  const mark = (list) => {
    const field = list.closest('.tc-field');
    if (field) field.classList.toggle('errors', Boolean(list.firstElementChild));
  };
  const put = (fresh) => {
    const old = document.getElementById(fresh.id);
    if (!old) return;
    if (fresh.dataset.shape && fresh.dataset.shape === old.dataset.shape) return; // its parts are put one by one
    if (fresh.outerHTML === old.outerHTML) return; // what is read aloud is not read again
    const focused = old.contains(document.activeElement) ? document.activeElement.id : '';
    const part = document.importNode(fresh, true);
    old.replaceWith(part);
    if (part.matches('.errorlist')) mark(part);
    const again = focused && document.getElementById(focused);
    if (again) again.focus();
  };
  const failed = () => {
    let line = document.getElementById('sandbox-failed');
    if (!line) {
      line = document.createElement('p');
      line.id = 'sandbox-failed';
      line.className = 'tc-note warn tc-stale';
      line.setAttribute('role', 'status');
      form.after(line);
    }
    line.textContent = form.dataset.failed;
  };
  const show = (html) => {
    const line = document.getElementById('sandbox-failed');
    if (line) line.remove();
    const answer = new DOMParser().parseFromString(html, 'text/html');
    all('[data-live]', answer).filter((each) => each.id).forEach(put);
    form.dispatchEvent(new CustomEvent('tc:computed', { bubbles: true }));
  };
  const compute = async () => {
    clearTimeout(waiting);
    if (asked) asked.abort();
    const mine = new AbortController();
    asked = mine;
    try {
      const answer = await fetch(form.action, {
        method: 'POST', body: new FormData(form), headers: { 'X-Requested-With': 'XMLHttpRequest' },
        credentials: 'same-origin', redirect: 'error', signal: mine.signal
      });
      if (answer.ok) show(await answer.text()); else failed();
    } catch (error) {
      if (error.name !== 'AbortError') failed();
    }
  };
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(compute, PAUSE); };

  /* ---------- years ---------- */
  const turn = (button, cover) => {
    const word = button.dataset[cover.toLowerCase()];
    button.previousElementSibling.value = `${button.dataset.year}:${cover}`;
    button.className = `tc-year is-${cover}`;
    button.dataset.cover = cover;
    button.textContent = word;
    button.setAttribute('aria-label', `${button.dataset.year}: ${word}`);
    soon();
  };
  const move = (button, step) => {
    const list = years();
    const next = list[list.indexOf(button) + step];
    if (next) next.focus();
  };

  if (form) {
    form.addEventListener('click', (event) => {
      const button = event.target.closest('.tc-year');
      if (!button) return;
      event.preventDefault();
      turn(button, TURNS[button.dataset.cover] || 'R');
    });
    form.addEventListener('keydown', (event) => {
      const button = event.target.closest('.tc-year');
      if (!button || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
      const letter = /^Key([REN])$/.exec(event.code);
      if (letter) turn(button, letter[1]);
      else if (event.code === 'ArrowRight') move(button, 1);
      else if (event.code === 'ArrowLeft') move(button, -1);
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
    form.addEventListener('input', soon);
    // Radio buttons beside the outcome belong to the form and stand outside of it.
    document.addEventListener('change', (event) => { if (event.target.form === form) soon(); });
    form.addEventListener('submit', (event) => { event.preventDefault(); compute(); });
  }
}
