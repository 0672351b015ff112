/*
  Sums of a sheet while it is typed: the form is sent to data-sums, and the texts that come back are put
  where data-sum names them. The server reads, computes and writes the figures; nothing is recorded.
  Without it the form computes when it is sent. Baseline: Chromium 88.
*/
'use strict';
{
  const form = document.querySelector('form[data-sums]');
  const PAUSE = 250; // milliseconds after the last key before what is typed is computed
  let waiting = 0;
  let asked = null;

  const put = (texts) => form.querySelectorAll('[data-sum]').forEach((place) => {
    const text = texts[place.dataset.sum];
    if (text === undefined || text === place.textContent) return;
    place.textContent = text;
    if (place.matches('.fig')) place.classList.toggle('tc-short', text.startsWith('−'));
  });
  const compute = async () => {
    if (asked) asked.abort();
    const mine = new AbortController();
    asked = mine;
    try {
      const answer = await fetch(form.dataset.sums, {
        method: 'POST', body: new FormData(form), credentials: 'same-origin', redirect: 'error', signal: mine.signal
      });
      put(answer.ok ? await answer.json() : { waiting: form.dataset.failed });
    } catch (error) {
      if (error.name !== 'AbortError') put({ waiting: form.dataset.failed });
    }
  };
  if (form) form.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(compute, PAUSE); });
}
