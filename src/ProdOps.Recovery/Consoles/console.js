'use strict';
// Keeps the report current. Only what differs is changed, so that focus, scrolled places, opened details and what was typed stay as they are.
(() => {
  const main = document.querySelector('main[data-seen]');
  if (main === null) return;
  const link = document.getElementById('link'), said = document.getElementById('said');
  const keyOf = node => node.nodeType === Node.ELEMENT_NODE ? node.id || node.dataset.server || '' : '';
  // Whether it is folded, and whether it is looked for, is the reader's affair.
  const isReaders = (node, name) => (name === 'open' && node.nodeName === 'DETAILS') || name === 'hidden' || name === 'data-printed';

  const merge = (old, fresh) => {
    for (const { name } of [...old.attributes]) if (!fresh.hasAttribute(name) && !isReaders(old, name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value && !isReaders(old, name)) old.setAttribute(name, value);
    const keyed = new Map();
    for (const child of old.children) if (keyOf(child) !== '') keyed.set(keyOf(child), child);
    let at = old.firstChild;
    for (const next of [...fresh.childNodes]) {
      const key = keyOf(next);
      const match = key !== '' ? keyed.get(key) : at !== null && keyOf(at) === '' ? at : undefined;
      if (match === undefined || match.nodeName !== next.nodeName) {
        old.insertBefore(next, at);
        continue;
      }
      if (match === at) at = at.nextSibling;
      else old.insertBefore(match, at);
      if (match.nodeType === Node.ELEMENT_NODE) merge(match, next);
      else if (match.data !== next.data) match.data = next.data;
    }
    while (at !== null) {
      const rest = at.nextSibling;
      at.remove();
      at = rest;
    }
  };

  const take = ({ order, parts }) => {
    const focused = document.activeElement;
    const read = new DOMParser();
    for (const [id, html] of Object.entries(parts)) {
      const fresh = document.importNode(read.parseFromString(html, 'text/html').body.firstElementChild, true), old = document.getElementById(id);
      if (old !== null) merge(old, fresh);
      else main.append(fresh);
    }
    // Sections that are new or gone; those that stay are not moved, which would take the focus from them.
    for (const section of [...main.children]) if (!order.includes(section.id)) section.remove();
    const wanted = order.filter(id => document.getElementById(id)?.parentNode === main);
    wanted.forEach((id, index) => { if (main.children[index].id !== id) main.insertBefore(document.getElementById(id), main.children[index]); });
    if (focused !== null && focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
    document.dispatchEvent(new Event('prodops-changed'));
  };

  const summary = () => [...document.querySelectorAll('#overview .tile')].filter(tile => ['#servers', '#incidents'].includes(tile.getAttribute('href')))
    .map(tile => `${tile.querySelector('.title').textContent}: ${tile.querySelector('.state, .big')?.textContent ?? ''}`).join('; ');

  let source, seen = main.dataset.seen, told = summary(), latest = Date.now(), next = Number(main.dataset.next), problem = '', lost = 0;
  const show = () => {
    // A browser tries again every three seconds: once may be chance.
    const age = (Date.now() - latest) / 1000, isOld = source?.readyState === EventSource.CLOSED || (lost > 0 && Date.now() - lost > 5000) || age > 3 * next + 10 || problem !== '';
    link.classList.toggle('old', isOld);
    const text = source?.readyState === EventSource.CLOSED ? 'The console has ended, or was started anew: open the address that it has given. What is shown here is old.'
      : problem !== '' ? `What is shown here is old: ${problem}` : isOld ? 'The console does not answer. What is shown here is old.' : 'Kept current.';
    if (link.textContent !== text) link.textContent = text;
    if (isOld && said.textContent !== text) said.textContent = text;
  };
  const open = () => {
    source = new EventSource(`/events?seen=${encodeURIComponent(seen)}`);
    source.addEventListener('report', event => {
      const data = JSON.parse(event.data);
      seen = event.lastEventId;
      latest = Date.now();
      next = data.next;
      problem = '';
      take(data);
      if (summary() !== told) said.textContent = told = summary();
      show();
    });
    source.addEventListener('problem', event => { problem = JSON.parse(event.data); show(); });
    source.addEventListener('error', () => { lost ||= Date.now(); show(); });
    source.addEventListener('open', () => { lost = 0; show(); });
  };
  // A browser has six connections to one server: a tab that is not looked at needs none, and gets what it missed when it is.
  document.addEventListener('visibilitychange', () => {
    source?.close();
    source = undefined;
    if (document.visibilityState === 'visible') {
      latest = Date.now();
      lost = 0;
      open();
    }
  });
  if (document.visibilityState === 'visible') open();
  setInterval(show, 2000);
})();
