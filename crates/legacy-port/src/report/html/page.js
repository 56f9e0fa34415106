
"use strict";
(() => {
  const form = document.getElementById("filter");
  const open = (element) => {
    for (let e = element; e; e = e.parentElement) if (e.localName === "details") e.open = true;
    if (element && element.matches("article.check")) element.querySelector("details").open = true;
  };
  const target = () => location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (!form) {
    addEventListener("hashchange", () => open(target()));
    open(target());
    return;
  }
  const fields = form.elements;
  // Found once: the page has thousands of findings and a filter has to answer at once.
  const files = [...document.querySelectorAll("section.file")].map((element) => ({
    element,
    number: element.dataset.file,
    name: element.querySelector("h3").firstChild.data.toLowerCase(),
    places: [...element.querySelectorAll(".place")].map((place) => ({
      element: place,
      source: null,
      findings: [...place.querySelectorAll("article")].map((finding) => ({
        element: finding,
        level: finding.dataset.level,
        check: finding.dataset.check,
        text: null,
      })),
    })),
  }));
  const total = files.reduce((n, f) => n + f.places.reduce((m, p) => m + p.findings.length, 0), 0);
  const none = document.getElementById("none");

  const says = (file, place, finding, words) => {
    if (!words.length) return true;
    place.source ??= place.element.querySelector(".excerpt code").textContent.toLowerCase();
    finding.text ??= finding.element.textContent.toLowerCase();
    return words.every((w) => finding.text.includes(w) || place.source.includes(w) || file.name.includes(w));
  };

  const apply = () => {
    const levels = new Set([...fields.level].filter((box) => box.checked).map((box) => box.value));
    const check = fields.check.value;
    const number = fields.file.value;
    const words = fields.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const file of files) {
      let inFile = 0;
      for (const place of file.places) {
        let inPlace = 0;
        for (const finding of place.findings) {
          const fits =
            levels.has(finding.level) &&
            (!check || check === finding.check) &&
            (!number || number === file.number) &&
            says(file, place, finding, words);
          finding.element.hidden = !fits;
          inPlace += fits;
        }
        place.element.hidden = !inPlace;
        inFile += inPlace;
      }
      file.element.hidden = !inFile;
      shown += inFile;
    }
    none.hidden = shown > 0;
    fields.count.value = `${shown} of ${total}`;
  };

  let waiting = 0;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 80);
  });
  form.addEventListener("reset", () => setTimeout(apply));
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-only-check]");
    if (!link) return;
    form.reset();
    fields.check.value = link.dataset.onlyCheck;
    setTimeout(apply);
  });
  const visit = () => {
    const element = target();
    if (!element) return;
    // A link to what the filter hides shows everything again.
    if (element.closest("[hidden]")) {
      form.reset();
      setTimeout(() => element.scrollIntoView());
    }
    open(element);
  };
  addEventListener("hashchange", visit);
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("#coverage details")) details.open = true;
  });
  form.hidden = false;
  // A browser that goes back keeps what was filled in.
  apply();
  visit();
})();
