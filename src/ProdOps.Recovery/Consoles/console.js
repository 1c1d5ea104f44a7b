'use strict';
// Keeps pages current. Only what differs is changed, so that focus, scrolled places, opened details and what was typed stay as they are.
(() => {
  const main = document.querySelector('main');
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

  const refocus = change => {
    const focused = document.activeElement;
    change();
    if (focused !== null && focused !== document.activeElement && focused.isConnected) focused.focus({ preventScroll: true });
  };

  const take = ({ order, parts }) => {
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
    document.dispatchEvent(new Event('prodops-changed'));
  };

  const summary = () => [...document.querySelectorAll('#overview .tile')].filter(tile => ['#servers', '#incidents'].includes(tile.getAttribute('href')))
    .map(tile => `${tile.querySelector('.title').textContent}: ${tile.querySelector('.state, .big')?.textContent ?? ''}`).join('; ');

  const keepReport = () => {
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
        refocus(() => take(data));
        const news = data.parts.done === undefined ? [] : [document.getElementById('done').textContent];
        if (summary() !== told) news.push(told = summary());
        if (news.length > 0) said.textContent = news.join(' ');
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
  };

  // Metrics: another time is chosen with the mouse or the keyboard, and read anew; what has no end goes on by itself.
  const keepMetrics = () => {
    let choice = null;
    const load = async (address, isNew) => {
      let text;
      try {
        const answer = await fetch(address, { cache: 'no-store' });
        if (!answer.ok) throw new Error(answer.statusText);
        text = await answer.text();
      } catch {
        // The browser tells better why.
        if (isNew) location.assign(address);
        return;
      }
      if (isNew) history.pushState(null, '', address);
      choice = null;
      refocus(() => merge(main, document.importNode(new DOMParser().parseFromString(text, 'text/html').querySelector('main'), true)));
      if (isNew) main.querySelector('form').reset();
    };
    const about = zoom => ({ from: Number(zoom.dataset.from), to: Number(zoom.dataset.to), points: JSON.parse(zoom.dataset.points) });
    const rect = (svg, kind, share, width) => {
      let found = svg.querySelector(`.${kind}`);
      if (found === null) {
        found = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
        found.setAttribute('class', kind);
        found.setAttribute('y', '0');
        found.setAttribute('height', '200');
        svg.append(found);
      }
      found.setAttribute('x', String(share * 1440));
      found.setAttribute('width', String(width * 1440));
    };
    const show = () => {
      const { zoom, index, anchor } = choice, { from, to, points } = about(zoom), shareOf = time => Math.min(1, Math.max(0, (time - from) / (to - from)));
      const svg = zoom.querySelector('svg'), share = shareOf(points[index][0]);
      rect(svg, 'mark', share, 0.0014);
      rect(svg, 'chosen', anchor === null ? 0 : Math.min(share, shareOf(anchor)), anchor === null ? 0 : Math.abs(share - shareOf(anchor)));
      zoom.closest('figure').querySelector('.value').textContent = points[index][1];
    };
    const pick = (zoom, index, keeps) => {
      const { points } = about(zoom), at = Math.min(points.length - 1, Math.max(0, index)), same = choice !== null && choice.zoom === zoom;
      choice = { zoom, index: at, anchor: keeps ? (same ? choice.anchor ?? points[choice.index][0] : points[at][0]) : null };
      show();
    };
    const nearest = (zoom, x) => {
      const { from, to, points } = about(zoom), box = zoom.getBoundingClientRect(), time = from + (to - from) * Math.min(1, Math.max(0, (x - box.left) / box.width));
      return points.reduce((best, point, index) => Math.abs(point[0] - time) < Math.abs(points[best][0] - time) ? index : best, 0);
    };
    const narrow = () => {
      const { zoom, index, anchor } = choice, [a, b] = [anchor, about(zoom).points[index][0]].sort((one, other) => one - other);
      if (b - a < 1000) return;
      const address = new URL(location.href);
      address.searchParams.delete('last');
      address.searchParams.set('from', String(a));
      address.searchParams.set('to', String(b + 1));
      load(address.href, true);
    };
    let dragged = null;
    main.addEventListener('pointerdown', event => {
      const zoom = event.target.closest('.zoom');
      if (zoom === null || event.button !== 0) return;
      event.preventDefault();
      zoom.focus({ preventScroll: true });
      dragged = { zoom, x: event.clientX };
      pick(zoom, nearest(zoom, event.clientX), false);
      zoom.setPointerCapture(event.pointerId);
    });
    main.addEventListener('pointermove', event => {
      const zoom = dragged?.zoom ?? event.target.closest('.zoom');
      if (zoom === null) return;
      if (dragged !== null) pick(zoom, nearest(zoom, event.clientX), true);
      else if (choice === null || choice.anchor === null) pick(zoom, nearest(zoom, event.clientX), false);
    });
    main.addEventListener('pointerup', event => {
      const isFar = dragged !== null && Math.abs(event.clientX - dragged.x) > 6;
      dragged = null;
      if (isFar && choice !== null) narrow();
    });
    main.addEventListener('pointercancel', () => { dragged = null; });
    main.addEventListener('keydown', event => {
      const zoom = event.target.closest('.zoom');
      if (zoom === null || event.altKey || event.metaKey) return;
      const { points } = about(zoom), index = choice?.zoom === zoom ? choice.index : event.key === 'ArrowLeft' ? points.length : -1, step = event.ctrlKey ? 10 : 1;
      const to = { ArrowLeft: index - step, ArrowRight: index + step, Home: 0, End: points.length - 1 }[event.key];
      if (to !== undefined) pick(zoom, to, event.shiftKey);
      else if (event.key === 'Enter' && choice?.anchor != null) narrow();
      else if (event.key === 'Escape') load(document.getElementById('out').href, true);
      else return;
      event.preventDefault();
    });
    main.addEventListener('click', event => {
      const step = event.target.closest('.steps-of-time a');
      if (step === null || event.button !== 0 || event.ctrlKey || event.shiftKey || event.metaKey) return;
      event.preventDefault();
      load(step.href, true);
    });
    addEventListener('popstate', () => { load(location.href, false).then(() => main.querySelector('form').reset()); });
    let waited = 0;
    setInterval(() => {
      const every = Number(main.dataset.again);
      if (every === 0 || document.visibilityState !== 'visible' || dragged !== null || choice?.anchor != null || ++waited * 5 < every) return;
      waited = 0;
      load(location.href, false);
    }, 5000);
  };

  // Several may share a console: each browser remembers who sits at it.
  const keepName = field => {
    try {
      const name = localStorage.getItem('prodops-by');
      if (name !== null && field.value === field.defaultValue && document.querySelector('.problem') === null) field.value = name;
      field.form.addEventListener('submit', () => localStorage.setItem('prodops-by', field.value));
    } catch {
      // A browser that keeps nothing.
    }
  };

  const by = document.querySelector('form [name=by]');
  if (by !== null) keepName(by);
  if (main?.dataset.seen !== undefined) keepReport();
  if (main?.dataset.again !== undefined) keepMetrics();
})();
