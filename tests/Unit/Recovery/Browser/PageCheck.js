// What anybody can read, reach and use, in the manner of axe: says what is wrong with a page, as texts. Nothing of it changes the page.
(() => {
  const wrong = [], name = node => `${node.nodeName.toLowerCase()}${node.id ? '#' + node.id : ''}${node.className?.baseVal === undefined && node.className ? '.' + node.className.replaceAll(' ', '.') : ''} "${(node.textContent ?? '').trim().slice(0, 40)}"`;
  const say = (rule, node, more = '') => wrong.push(`${rule}: ${node ? name(node) : ''} ${more}`.trim());
  const isShown = node => { const box = node.getBoundingClientRect(), style = getComputedStyle(node); return box.width > 0 && box.height > 0 && style.visibility === 'visible' && style.display !== 'none'; };

  // Nothing is wider than the window; what scrolls in itself says so.
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width + 1) {
    say('scrolls sideways', null, `${document.documentElement.scrollWidth} of ${width}`);
    for (const node of document.body.querySelectorAll('*')) if (node.getBoundingClientRect().right > width + 1 && isShown(node) && !node.closest('.scroll') && node.childElementCount === 0) { say('too wide', node); break; }
  }

  // Contrast of text, WCAG 2.2 1.4.3: 4.5, and 3 where it is large.
  const color = text => { const found = text.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0]; return { r: found[0], g: found[1], b: found[2], a: found[3] ?? 1 }; };
  const over = (top, under) => ({ r: top.r * top.a + under.r * (1 - top.a), g: top.g * top.a + under.g * (1 - top.a), b: top.b * top.a + under.b * (1 - top.a), a: 1 });
  const light = ({ r, g, b }) => { const [x, y, z] = [r, g, b].map(v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * x + 0.7152 * y + 0.0722 * z; };
  const ground = node => {
    let found = { r: 0, g: 0, b: 0, a: 0 };
    const layers = [];
    for (let one = node; one; one = one.parentElement) { const layer = color(getComputedStyle(one).backgroundColor); if (layer.a > 0) layers.push(layer); if (layer.a === 1) break; }
    found = layers.length > 0 && layers.at(-1).a === 1 ? layers.pop() : matchMedia('(prefers-color-scheme: dark)').matches ? { r: 18, g: 18, b: 18, a: 1 } : { r: 255, g: 255, b: 255, a: 1 };
    while (layers.length > 0) found = over(layers.pop(), found);
    return found;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const told = new Set();
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() === '' || told.has(node) || ['SCRIPT', 'STYLE', 'NOSCRIPT', 'TITLE', 'OPTION'].includes(node.nodeName) || !isShown(node) || node.closest('svg')) continue;
    told.add(node);
    const style = getComputedStyle(node), back = ground(node), [a, b] = [light(over(color(style.color), back)), light(back)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize), isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (isLarge ? 3 : 4.5)) say('contrast', node, ratio.toFixed(2));
  }

  // Everything that is used has a name, can be reached, and is large enough to hit: WCAG 2.2 4.1.2, 2.5.8.
  const nameOf = node => node.getAttribute('aria-label') || (node.getAttribute('aria-labelledby') ?? '').split(/\s+/).map(id => document.getElementById(id)?.textContent ?? '').join(' ').trim()
    || [...(node.labels ?? [])].map(label => label.textContent.trim()).join(' ') || node.textContent.trim() || node.getAttribute('title') || '';
  for (const node of document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex], [role=button], [role=slider]')) {
    if (node.type === 'hidden' || !isShown(node)) continue;
    if (nameOf(node) === '') say('no name', node);
    if (node.tabIndex > 0) say('an order of its own', node);
    const box = node.getBoundingClientRect(), inText = node.nodeName === 'A' && ['P', 'TD', 'LI', 'FIGCAPTION'].includes(node.parentElement.nodeName) && getComputedStyle(node).display === 'inline';
    if (!inText && !node.closest('svg') && (box.width < 23.5 || box.height < 23.5)) say('too small', node, `${box.width.toFixed(0)} by ${box.height.toFixed(0)}`);
  }

  const ids = [...document.querySelectorAll('[id]')].map(node => node.id);
  for (const id of new Set(ids.filter((id, index) => ids.indexOf(id) !== index))) say('an id twice', null, id);
  for (const node of document.querySelectorAll('[aria-labelledby], [aria-describedby], [aria-controls], label[for]'))
    for (const which of ['aria-labelledby', 'aria-describedby', 'aria-controls', 'for']) for (const id of (node.getAttribute(which) ?? '').split(/\s+/)) if (id && !document.getElementById(id)) say('names what is not there', node, id);
  let level = 0;
  for (const heading of document.querySelectorAll('h1, h2, h3, h4, h5, h6')) {
    const now = Number(heading.nodeName[1]);
    if (now > level + 1) say('a heading is left out', heading, `${level} to ${now}`);
    level = now;
  }
  if (document.querySelectorAll('h1').length !== 1) say('not one h1', null);
  if (document.querySelectorAll('main').length !== 1) say('not one main', null);
  if (!document.documentElement.lang) say('no language', null);
  if (!document.title.trim()) say('no title', null);
  for (const image of document.querySelectorAll('img, svg[role=img]')) if (!(image.getAttribute('alt') ?? image.getAttribute('aria-label'))) say('a picture without a text', image);
  for (const table of document.querySelectorAll('table')) if (!table.caption && !table.getAttribute('aria-label')) say('a table without a name', table);
  for (const list of document.querySelectorAll('ul, ol')) for (const item of list.children) if (item.nodeName !== 'LI') say('not an item of a list', item);
  for (const nav of document.querySelectorAll('nav')) if (!nav.getAttribute('aria-label')) say('a nav without a name', nav);
  for (const button of document.querySelectorAll('a button, button a, a a, label label, summary a, summary button')) say('one in another', button);
  return wrong;
})()
