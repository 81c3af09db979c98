'use strict';
(() => {
  const form = document.getElementById('filter');
  const status = document.getElementById('status');
  const articles = Array.from(document.querySelectorAll('article'));
  const fold = s => s.normalize('NFD').replace(/\p{M}/gu, '').replace(/[’‘]/g, "'").replace(/\s+/g, ' ').toLowerCase();
  const texts = new Map();
  const textOf = a => {
    if (!texts.has(a)) texts.set(a, fold(a.textContent));
    return texts.get(a);
  };
  const has = (list, value) => (' ' + list + ' ').includes(' ' + value + ' ');
  const apply = () => {
    const words = fold(form.words.value).match(/"[^"]+"|\S+/g) || [];
    const needles = words.map(w => w.replace(/^"|"$/g, ''));
    let shown = 0;
    for (const a of articles) {
      const fits = (!form.topic.value || has(a.dataset.topics, form.topic.value)) &&
        (!form.verdict.value || has(a.dataset.verdicts, form.verdict.value)) &&
        (!form.claimed.checked || 'claimed' in a.dataset) &&
        needles.every(n => textOf(a).includes(n));
      a.hidden = !fits;
      if (fits) shown++;
    }
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
  form.hidden = false;
  apply();
})();
