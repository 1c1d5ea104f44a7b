'use strict';
// Everything is there without this: it only hides what is not looked for, and opens what is folded before it is printed.
for (const input of document.querySelectorAll('input[data-filter]')) {
  const kind = input.dataset.filter;
  const items = [...document.querySelectorAll(kind === 'log' ? '#logs tbody tr' : '#servers details.server')].map(item => ({ item, text: item.textContent.toLowerCase() }));
  const count = document.querySelector(`[data-count="${kind}"]`);
  let pending = 0;
  const apply = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(word => word.length > 0);
    let shown = 0;
    for (const { item, text } of items) {
      const fits = words.every(word => text.includes(word));
      item.hidden = !fits;
      if (fits) shown++;
    }
    count.textContent = words.length === 0 ? '' : `${shown} of ${items.length}`;
  };
  input.addEventListener('input', () => { clearTimeout(pending); pending = setTimeout(apply, 80); });
}
addEventListener('beforeprint', () => { for (const folded of document.querySelectorAll('details:not([open])')) { folded.open = true; folded.dataset.printed = ''; } });
addEventListener('afterprint', () => { for (const folded of document.querySelectorAll('details[data-printed]')) { folded.open = false; delete folded.dataset.printed; } });
