'use strict';
(() => {
  const form = document.getElementById('filter');
  const status = document.getElementById('status');
  const list = document.getElementById('list');
  const figures = document.querySelector('[aria-labelledby=figures]');
  const articles = Array.from(document.querySelectorAll('article'));
  const fold = s => s.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/[’‘]/g, "'").replace(/\s+/g, ' ').toLowerCase().replace(/œ/g, 'oe').replace(/æ/g, 'ae');
  const texts = new Array(articles.length);
  const textOf = i => texts[i] ??= fold(articles[i].textContent);
  // Addresses that follow from others are not written in the page: of a post, from its
  // thread's and its own id; of a claim, from its id.
  const link = a => {
    const root = a.querySelector('.by a[href*="/post/"]');
    for (const bare of a.querySelectorAll('a:not([href])')) {
      const id = bare.closest('[id]').id;
      bare.href = id.startsWith('p-') ? root.href.replace(/[^/]*$/, id.slice(2)) : '#' + id;
    }
  };
  // Both are made a little at a time while nothing else is to do; all links before printing.
  let next = 0;
  const linkAll = () => { while (next < articles.length) link(articles[next++]); };
  const idle = self.requestIdleCallback || (f => setTimeout(() => {
    const end = performance.now() + 12;
    f({ timeRemaining: () => end - performance.now() });
  }, 20));
  const prepare = deadline => {
    while (next < articles.length && deadline.timeRemaining() > 2) {
      textOf(next);
      link(articles[next++]);
    }
    if (next < articles.length) idle(prepare);
  };
  const has = (list, value) => (' ' + list + ' ').includes(' ' + value + ' ');
  const apply = () => {
    const words = fold(form.words.value).match(/"[^"]+"|\S+/g) || [];
    const needles = words.map(w => w.replace(/^"|"$/g, '')).filter(w => w);
    // The figures are of everything: where only a part is shown they would stand in its way.
    if (figures) figures.hidden = needles.length > 0 || !!form.topic.value || !!form.review.value || form.claimed.checked;
    let shown = 0;
    const groups = new Set();
    articles.forEach((a, i) => {
      const fits = (!form.topic.value || has(a.dataset.topics, form.topic.value)) &&
        (!form.review.value || has(a.dataset.reviews, form.review.value)) &&
        (!form.claimed.checked || a.dataset.reviews !== '') &&
        needles.every(n => textOf(i).includes(n));
      if (a.hidden === fits) a.hidden = !fits;
      if (fits) { shown++; groups.add(a.parentElement); }
    });
    // A group or a heading without anything below it is hidden too.
    const below = { H2: false, H3: false };
    for (const e of Array.from(list.children).reverse()) {
      if (e.className === 'g') {
        e.hidden = !groups.has(e);
        below.H2 ||= !e.hidden;
        below.H3 ||= !e.hidden;
      } else {
        e.hidden = !below[e.tagName];
        below[e.tagName] = false;
      }
    }
    list.className = shown < 500 ? 'few' : '';
    status.textContent = status.dataset.text.replace('{n}', shown).replace('{all}', articles.length);
  };
  let timer = 0;
  const soon = () => { clearTimeout(timer); timer = setTimeout(apply, 120); };
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const article = target && target.closest('article');
    if (article && article.hidden) { form.reset(); apply(); target.scrollIntoView(); }
  };
  form.addEventListener('input', soon);
  form.addEventListener('reset', () => setTimeout(apply));
  form.addEventListener('submit', e => { e.preventDefault(); apply(); });
  addEventListener('hashchange', reveal);
  addEventListener('beforeprint', linkAll);
  form.hidden = false;
  apply();
  idle(prepare);
})();
