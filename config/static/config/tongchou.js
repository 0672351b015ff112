/*
  Behaviour of every page: keys, refresh, the why panel in place, copying. Texts come from data
  attributes, so that they are in the language of the page. Nothing writes an inline style or handler.
  Baseline: Chromium 88.
*/
'use strict';
{
  const texts = document.getElementById('tc-script').dataset;
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));

  /* ---------- keys ----------
     Matched by event.code and never while an input method composes, because a Chinese input method
     swallows letters. Single keys can be switched off (WCAG 2.1.4); the choice stays in this browser. */
  const SWITCH = 'tongchou.keys';
  const singleKeys = () => localStorage.getItem(SWITCH) !== 'off';
  const card = document.getElementById('tc-keys');
  const typing = (el) => el && (el.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(el.tagName)) &&
    !/^(checkbox|radio|button|submit)$/.test(el.type);
  let prefix = 0;

  const rows = () => all('#content .tc-t tbody tr:not(.group), #content #result_list tbody tr').filter((row) => row.offsetParent);
  const chosen = (row) => row.classList.contains('sel');
  const move = (step) => {
    const list = rows();
    if (!list.length) return;
    const at = list.findIndex(chosen);
    const next = list[Math.min(list.length - 1, Math.max(0, at + step))];
    if (!next.dataset.detail) {
      if (at >= 0) list[at].classList.remove('sel');
      next.classList.add('sel');
    }
    const target = next.querySelector('a:not(.tc-why-btn)') || next.querySelector('input, a');
    if (target) target.focus();
    else next.scrollIntoView({ block: 'nearest' });
  };
  const current = () => rows().find(chosen);

  /* A list with one row's detail under it: whichever row has the focus is the one that is told.
     <tr data-detail="address of a part of a page"> and <div data-detail-slot>. */
  let detailLater = 0;
  const showDetail = (row) => {
    const slot = document.querySelector('[data-detail-slot]');
    if (!slot || chosen(row) && !detailLater) return;
    rows().forEach((other) => other.classList.toggle('sel', other === row));
    clearTimeout(detailLater);
    detailLater = setTimeout(async () => {
      detailLater = 0;
      const answer = await fetch(row.dataset.detail, { headers: { 'X-Requested-With': 'XMLHttpRequest' }, credentials: 'same-origin' });
      if (answer.ok && chosen(row)) slot.innerHTML = await answer.text();
    }, 100);
  };
  const detailRow = (element) => element.closest && element.closest('tr[data-detail]');
  document.addEventListener('focusin', (event) => {
    const row = detailRow(event.target);
    if (row) showDetail(row);
  });
  const tick = () => {
    const row = current();
    const box = row && row.querySelector('input[type=checkbox], input[type=radio]');
    if (box) box.click();
  };
  const why = () => {
    const row = current();
    const mark = (row && row.querySelector('.tc-why-btn')) || document.querySelector('#content .tc-why-btn');
    if (mark) mark.click();
  };
  const turn = (step) => {
    const tabs = all('#content .tc-tabs a');
    const at = tabs.findIndex((tab) => tab.hasAttribute('aria-current'));
    const next = tabs[at + step];
    if (at >= 0 && next) next.click();
    else if (at < 0) page(step);
  };
  const page = (step) => {
    const link = document.querySelector(`#content [rel=${step < 0 ? 'prev' : 'next'}]`);
    if (link) link.click();
  };
  const press = (key) => {
    const target = document.querySelector(`[data-key="${key}"]`);
    if (!target) return false;
    target.click();
    // A menu that a key opened is walked on by keys.
    const first = target.matches('summary') && target.parentElement.open && target.parentElement.querySelector('.card a');
    if (first) first.focus();
    return true;
  };
  const openCard = () => { if (card && !card.open) card.showModal(); };
  const search = () => { const box = document.getElementById('tc-q'); if (box) box.focus(); return Boolean(box); };
  const submit = (from) => {
    const form = from.closest && from.closest('form');
    const button = form && (form.querySelector('.default[type=submit], .submit-row [type=submit]') || form.querySelector('[type=submit]'));
    if (button) button.click();
    return Boolean(button);
  };

  const SINGLE = {
    KeyJ: () => move(1), KeyK: () => move(-1), KeyX: tick, KeyW: why, KeyN: () => press('n'),
    BracketLeft: () => turn(-1), BracketRight: () => turn(1)
  };

  document.addEventListener('keydown', (event) => {
    if (event.isComposing || event.metaKey) return;
    const letter = /^Key([A-Z])$/.exec(event.code);
    if (event.ctrlKey) {
      if (event.code === 'Enter' && submit(event.target)) event.preventDefault();
      return;
    }
    if (event.altKey) {
      if (event.code === 'KeyP' && document.querySelector('.tc-notice, .has-sheet')) { event.preventDefault(); window.print(); }
      return;
    }
    if (event.code === 'Escape') { if (closeWhy()) event.preventDefault(); return; }
    if (typing(event.target) || (card && card.open) || !singleKeys()) return;
    if (event.code === 'Slash') {
      if (event.shiftKey || event.key === '?' || event.key === '？') openCard(); else if (!search()) return;
      event.preventDefault();
      return;
    }
    if (event.shiftKey) return;
    if (Date.now() - prefix < 1500) {
      prefix = 0;
      const link = letter && document.querySelector(`#nav-sidebar [data-go="${letter[1].toLowerCase()}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (event.code === 'KeyG') { prefix = Date.now(); return; }
    const act = SINGLE[event.code];
    if (act) { event.preventDefault(); act(); }
  });

  const keysSwitch = document.getElementById('tc-keys-on');
  if (keysSwitch) {
    keysSwitch.checked = singleKeys();
    keysSwitch.addEventListener('change', () => localStorage.setItem(SWITCH, keysSwitch.checked ? 'on' : 'off'));
  }

  /* ---------- why this figure: the panel is fetched in place, without script the link reloads the page ---------- */
  let whyFrom = null;
  const closeWhy = () => {
    const panel = document.getElementById('why');
    if (!panel || !whyFrom) return false;
    panel.remove();
    whyFrom.setAttribute('aria-expanded', 'false');
    whyFrom.focus();
    whyFrom = null;
    return true;
  };
  const openWhy = async (mark) => {
    const slot = document.querySelector('[data-why]');
    if (!slot) { location.href = mark.href; return; }
    const answer = await fetch(mark.href, { headers: { 'X-Requested-With': 'XMLHttpRequest' }, credentials: 'same-origin' });
    const fresh = answer.ok && new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById('why');
    if (!fresh) { location.href = mark.href; return; }
    const old = document.getElementById('why');
    const panel = document.importNode(fresh, true);
    if (old) old.replaceWith(panel); else slot.prepend(panel);
    all('.tc-why-btn[aria-expanded=true]').forEach((other) => other.setAttribute('aria-expanded', 'false'));
    mark.setAttribute('aria-expanded', 'true');
    whyFrom = mark;
    panel.tabIndex = -1;
    panel.focus();
  };

  /* ---------- refresh: a part of the page that is fetched again and again ----------
     <div data-refresh-url data-refresh-seconds>: its content is replaced. The server knows by X-Poll
     that nobody is at the desk, and ends the refreshing with the header X-Refresh: stop. What should
     be read aloud stands outside: <p aria-live="polite" data-refresh-copy="id of a part within">. */
  const note = (part, ...content) => {
    let line = part.querySelector(':scope > .tc-stale');
    if (!line) {
      line = document.createElement('p');
      line.className = 'tc-note warn tc-stale';
      line.setAttribute('role', 'status');
      part.prepend(line);
    }
    line.replaceChildren(...content);
  };
  const sessionEnded = (part, answer) => {
    const link = document.createElement('a');
    link.href = answer.headers.get('X-Login') || location.href;
    link.textContent = texts.login;
    note(part, `${texts.ended} `, link);
  };
  const readAloud = (part) => {
    all('[data-refresh-copy]').forEach((line) => {
      const source = document.getElementById(line.dataset.refreshCopy);
      if (!source || !part.contains(source)) return;
      const text = source.textContent.trim();
      if (line.textContent.trim() !== text) line.textContent = text;
    });
  };
  const replace = (part, html) => {
    const focused = part.contains(document.activeElement) ? document.activeElement.id : '';
    const open = all('details[open][id]', part).map((each) => each.id);
    part.innerHTML = html;
    open.forEach((id) => { const each = document.getElementById(id); if (each) each.open = true; });
    const again = focused && document.getElementById(focused);
    if (again) again.focus();
    readAloud(part);
    part.dispatchEvent(new CustomEvent('tc:refreshed', { bubbles: true }));
  };
  const refresh = (part) => {
    const seconds = Number(part.dataset.refreshSeconds) || 5;
    let since = null;
    const later = () => setTimeout(round, seconds * 1000);
    const round = async () => {
      if (!part.isConnected) return;
      if (document.hidden) { later(); return; }
      let answer = null;
      try {
        answer = await fetch(part.dataset.refreshUrl, { headers: { 'X-Requested-With': 'XMLHttpRequest', 'X-Poll': '1' }, credentials: 'same-origin', redirect: 'error' });
      } catch (error) {
        answer = null;
      }
      if (answer && answer.status === 401) { sessionEnded(part, answer); return; }
      if (answer && answer.ok) {
        since = null;
        replace(part, await answer.text());
        if (answer.headers.get('X-Refresh') === 'stop') return;
      } else {
        since = since || new Date();
        note(part, `${texts.stale} ${since.toTimeString().slice(0, 8)}`);
      }
      later();
    };
    later();
  };
  all('[data-refresh-url]').forEach(refresh);

  /* ---------- a number in clear goes after its seconds ---------- */
  all('[data-expires]').forEach((shown) => {
    setTimeout(() => { shown.textContent = shown.dataset.expired; }, Number(shown.dataset.expires) * 1000);
  });

  /* ---------- copying: navigator.clipboard exists only on HTTPS and on this machine ---------- */
  const copy = async (text) => {
    if (navigator.clipboard) { await navigator.clipboard.writeText(text); return; }
    const box = document.createElement('textarea');
    box.value = text;
    box.className = 'visually-hidden';
    document.body.append(box);
    box.select();
    document.execCommand('copy');
    box.remove();
  };
  const copied = async (button) => {
    const source = button.dataset.copyFrom && document.getElementById(button.dataset.copyFrom);
    await copy(source ? source.textContent.trim() : button.dataset.copy);
    const before = button.textContent;
    button.textContent = texts.copied;
    setTimeout(() => { button.textContent = before; }, 2000);
  };

  document.addEventListener('click', (event) => {
    const near = (selector) => event.target.closest && event.target.closest(selector);
    const mark = near('a.tc-why-btn');
    if (mark && !event.ctrlKey && !event.shiftKey) { event.preventDefault(); openWhy(mark); return; }
    const button = near('[data-copy], [data-copy-from]');
    if (button) { copied(button); return; }
    const row = near('tr[data-detail]');
    if (row && !near('a, button, input')) row.querySelector('a').focus();
    if (near('[data-print]')) window.print();
    if (near('[data-close]')) near('dialog').close();
    if (near('[data-open="tc-keys"]')) openCard();
    all('details.tc-pop[open]').forEach((pop) => { if (!pop.contains(event.target)) pop.open = false; });
  });
  document.addEventListener('keydown', (event) => {
    if (event.code !== 'Escape') return;
    all('details.tc-pop[open]').forEach((pop) => { pop.open = false; pop.querySelector('summary').focus(); });
  });

  /* Charts read their colours when they are made: a change of theme makes them again. */
  new MutationObserver(() => window.dispatchEvent(new Event('tc:theme'))).observe(document.documentElement, { attributeFilter: ['data-theme'] });
}
