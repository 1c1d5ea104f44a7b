'use strict';
// Everything is there without this: it only hides what is not looked for, and opens what is folded before it is printed.
(() => {
  const of = { log: '#logs tbody tr', server: '#servers details.server' };
  let texts = new WeakMap(), pending = 0;
  const textOf = item => {
    if (!texts.has(item)) texts.set(item, item.textContent.toLowerCase());
    return texts.get(item);
  };
  const apply = input => {
    const kind = input.dataset.filter, words = input.value.toLowerCase().split(/\s+/).filter(word => word.length > 0), items = document.querySelectorAll(of[kind]);
    let shown = 0;
    for (const item of items) {
      item.hidden = !words.every(word => textOf(item).includes(word));
      if (!item.hidden) shown++;
    }
    document.querySelector(`[data-count="${kind}"]`).textContent = words.length === 0 ? '' : `${shown} of ${items.length}`;
  };
  document.addEventListener('input', event => {
    if (!event.target.matches('input[data-filter]')) return;
    clearTimeout(pending);
    pending = setTimeout(apply, 80, event.target);
  });
  // Sections that are kept current say so when they were changed.
  document.addEventListener('prodops-changed', () => {
    texts = new WeakMap();
    for (const input of document.querySelectorAll('input[data-filter]')) if (input.value !== '') apply(input);
  });
  addEventListener('beforeprint', () => { for (const folded of document.querySelectorAll('details:not([open])')) { folded.open = true; folded.dataset.printed = ''; } });
  addEventListener('afterprint', () => { for (const folded of document.querySelectorAll('details[data-printed]')) { folded.open = false; delete folded.dataset.printed; } });
})();
