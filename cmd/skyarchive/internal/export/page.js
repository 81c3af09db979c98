'use strict';
(() => {
  const form = document.getElementById('filter');
  const status = document.getElementById('status');
  const articles = Array.from(document.querySelectorAll('article'));
  const fold = s => s.normalize('NFD').replace(/\p{M}/gu, '').replace(/[’‘]/g, "'").replace(/\s+/g, ' ').toLowerCase();
  const texts = new Array(articles.length);
  // What stands in the page once is made of what is there: addresses of posts, of claims, and
  // the words to search. A little at a time, all of it before printing.
  let next = 0;
  const prepare = i => {
    const a = articles[i];
    const base = a.querySelector('.by a[href*="/post/"]').href.replace(/[^/]*$/, '');
    for (const link of a.querySelectorAll('a:not([href])')) {
      const id = link.parentElement.id || link.parentElement.parentElement.id;
      link.href = id.startsWith('p-') ? base + id.slice(2) : '#' + id;
    }
    texts[i] = fold(a.textContent);
  };
  const prepareUntil = late => {
    while (next < articles.length && !late()) prepare(next++);
  };
  const prepareAll = () => prepareUntil(() => false);
  const idle = self.requestIdleCallback || (f => setTimeout(() => f({ timeRemaining: () => 10 }), 20));
  const prepareSome = deadline => {
    let some = 0;
    prepareUntil(() => ++some % 16 === 0 && deadline.timeRemaining() < 2);
    if (next < articles.length) idle(prepareSome);
  };
  const has = (list, value) => (' ' + list + ' ').includes(' ' + value + ' ');
  const apply = () => {
    const words = fold(form.words.value).match(/"[^"]+"|\S+/g) || [];
    const needles = words.map(w => w.replace(/^"|"$/g, '')).filter(w => w);
    if (needles.length) prepareAll();
    let shown = 0;
    articles.forEach((a, i) => {
      const fits = (!form.topic.value || has(a.dataset.topics, form.topic.value)) &&
        (!form.review.value || has(a.dataset.reviews, form.review.value)) &&
        (!form.claimed.checked || a.dataset.reviews !== '') &&
        needles.every(n => texts[i].includes(n));
      if (a.hidden === fits) a.hidden = !fits;
      if (fits) shown++;
    });
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
  addEventListener('beforeprint', prepareAll);
  form.hidden = false;
  apply();
  idle(prepareSome);
})();
