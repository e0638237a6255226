(() => {
'use strict';
const $ = (s, e = document) => [...e.querySelectorAll(s)];
const box = document.getElementById('q'), form = document.getElementById('find');
const hits = document.getElementById('hits'), said = document.getElementById('said');
// The anchor of a host says what it is found by, or the list of those that are found by the same;
// what else names the host follows it.
const anchored = '[data-k][id], .names[data-k] > [id]', following = '[data-h], .names > a:not([id], .no-host)';
const shown = e => e.querySelector(`:is(${anchored}, ${following}):not([hidden])`);
const hosts = new Map($(anchored).map(e => {
  const { k, s, w } = e.closest('[data-k]').dataset;
  return [e.id, { text: `${e.id.toLowerCase()} ${k}`, state: ` ${s} `, word: w || s.split(' ')[0], item: e }];
}));
const named = e => e.dataset.h || decodeURIComponent(e.hash.slice(1));
const items = [...[...hosts].map(([name, host]) => [host.item, host]),
  ...$(following).map(e => [e, hosts.get(named(e))]).filter(([, host]) => host)];
const groups = $('.grp'), todo = $('[data-of]'), on = new Set();
// Everything is there and readable without this script: it only hides, opens and copies.
if (form) form.hidden = false;
$('.chips .c[data-f]').forEach(span => {
  const b = document.createElement('button');
  b.type = 'button'; b.append(...span.childNodes); b.dataset.f = span.dataset.f;
  b.setAttribute('aria-pressed', 'false');
  b.onclick = () => {
    const now = !on.has(b.dataset.f);
    now ? on.add(b.dataset.f) : on.delete(b.dataset.f);
    b.setAttribute('aria-pressed', String(now));
    filter();
  };
  span.replaceWith(b);
});
function filter() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean), found = new Map();
  const active = words.length || on.size;
  for (const [name, host] of hosts) {
    host.hit = words.every(w => host.text.includes(w))
      && (!on.size || [...on].some(f => host.state.includes(` ${f} `)));
    if (host.hit) found.set(name, host);
  }
  for (const [e, host] of items) if (e.hidden === host.hit) e.hidden = !host.hit;
  for (const g of groups) g.hidden = Boolean(active) && !shown(g);
  for (const e of todo) e.hidden = document.getElementById(e.dataset.of).hidden;
  for (const d of $('details.auto')) if (active) d.open = found.size < 100 && Boolean(shown(d));
  said.textContent = active ? `${found.size} of ${form.dataset.total} hosts match. ` : '';
  hits.hidden = !words.length;
  hits.replaceChildren(...[...found].slice(0, 8).map(([host, { word }]) => {
    const li = document.createElement('li'), a = document.createElement('a'), w = document.createElement('span');
    a.href = '#' + encodeURIComponent(host); a.textContent = host; w.textContent = word; w.className = 'dim s';
    a.append(w); li.append(a); a.onclick = () => { hits.hidden = true; };
    return li;
  }));
  if (words.length && !found.size) {
    const p = document.createElement('li');
    p.className = 'none-found'; p.textContent = 'No host or check has this in its name.';
    hits.replaceChildren(p);
  }
  document.getElementById('clear-filter').hidden = !active;
}
if (form) box.addEventListener('input', filter);
if (form) document.getElementById('clear-filter').onclick = () => {
  box.value = ''; on.clear();
  $('.chips button').forEach(b => b.setAttribute('aria-pressed', 'false'));
  filter(); box.focus();
};
if (form) form.addEventListener('submit', e => { e.preventDefault(); const a = hits.querySelector('a'); if (a) a.click(); });
if (form) document.addEventListener('keydown', e => {
  const typing = /INPUT|TEXTAREA/.test(document.activeElement.tagName);
  if (e.key === '/' && !typing) { e.preventDefault(); box.focus(); }
  if (e.key === 'Escape') hits.hidden = true;
});
if (form) document.addEventListener('click', e => { if (!form.contains(e.target)) hits.hidden = true; });
// A link from a ticket opens what it names: a host, or a check of a host.
function reveal() {
  const id = decodeURIComponent(location.hash.slice(1));
  if (!id) return;
  const e = document.getElementById(id) || document.getElementById(id.replace(/-LM\d+$/, ''));
  if (!e) return;
  for (let d = e; d; d = d.parentElement) if (d.tagName === 'DETAILS') d.open = true;
  const own = e.querySelector(':scope > details');
  if (own) own.open = true;
  e.scrollIntoView();
}
addEventListener('hashchange', reveal);
reveal();
$('.cp').forEach(b => {
  b.hidden = false;
  b.onclick = async () => {
    const pre = document.getElementById(b.getAttribute('aria-controls'));
    try { await navigator.clipboard.writeText(pre.textContent); b.textContent = 'Copied'; }
    catch { getSelection().selectAllChildren(pre); b.textContent = document.execCommand('copy') ? 'Copied' : 'Press Ctrl+C'; }
    setTimeout(() => { b.textContent = 'Copy'; }, 2000);
  };
});
})();
