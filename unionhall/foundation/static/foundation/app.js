// The site's only script: charts, selection, dialogs, keys, countdowns. Everything else is HTML and htmx.
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// Charts ---------------------------------------------------------------------------------------------------
const charts = new Set();
function theme() {
  const ink = css("--chart-ink"), line = css("--chart-line"), size = Math.max(12, Math.round(parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.86));
  const axis = { axisLine: { lineStyle: { color: line } }, axisTick: { show: false }, axisLabel: { color: ink, fontSize: size }, splitLine: { lineStyle: { color: line } } };
  return {
    color: css("--chart-colors").split(" "),
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink, fontSize: size },
    legend: { textStyle: { color: ink, fontSize: size } },
    categoryAxis: { ...axis, splitLine: { show: false } },
    valueAxis: { ...axis, axisLine: { show: false } },
    bar: { itemStyle: { borderRadius: [3, 3, 0, 0] }, label: { color: ink } },
    pie: { itemStyle: { borderColor: css("--chart-surface"), borderWidth: 2 }, label: { color: ink } },
  };
}
function drawCharts(root = document) {
  if (!window.echarts) return;
  echarts.registerTheme("site", theme());
  document.documentElement.dataset.charts = "ready";
  // A page that renews itself throws its charts away; what nobody sees any more must not stay in memory.
  for (const chart of charts) if (!chart.getDom().isConnected) { chart.dispose(); charts.delete(chart); }
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  for (const plot of $$("[data-chart]", root)) {
    if (echarts.getInstanceByDom(plot)) continue;
    const option = JSON.parse(document.getElementById(plot.dataset.chart).textContent);
    for (const one of option.series || []) if (one.label?.show && !one.label.formatter && one.type === "bar") one.label.formatter = (point) => Number(point.value).toLocaleString();
    // Rich-text tooltips and canvas: the content policy allows no style attributes in injected HTML.
    const chart = echarts.init(plot, "site", { renderer: "canvas" });
    chart.setOption({ animation: !calm, ...option, tooltip: option.tooltip && { ...option.tooltip, renderMode: "richText" } });
    if (option.links) chart.on("click", (point) => { const to = option.links[point.name]; if (to) location.assign(to); });
    charts.add(chart);
    new ResizeObserver(() => plot.isConnected && chart.resize()).observe(plot);
  }
}

// Selection in lists -----------------------------------------------------------------------------------------
const boxesOf = (form) => $$(`input[name=selected][form="${form}"]`);
function countSelected(form) {
  const boxes = boxesOf(form), chosen = boxes.filter((box) => box.checked).length;
  for (const bar of $$(`[data-select-bar="${form}"]`)) {
    bar.querySelector("[data-selected-count]").textContent = chosen;
    const everything = bar.querySelector("[data-select-everything]");
    if (everything?.checked && chosen < boxes.length) everything.checked = false;
  }
  for (const head of $$(`[data-select-page="${form}"]`)) {
    head.checked = boxes.length > 0 && chosen === boxes.length;
    head.indeterminate = chosen > 0 && chosen < boxes.length;
  }
}

// Values and codes that hide or renew themselves --------------------------------------------------------------
function startClocks(root = document) {
  for (const shown of $$("[data-hide-after]", root).concat(root.matches?.("[data-hide-after]") ? [root] : [])) {
    if (shown.dataset.running) continue;
    shown.dataset.running = "1";
    const until = Date.now() + Number(shown.dataset.hideAfter) * 1000;
    const tick = setInterval(() => {
      const left = Math.ceil((until - Date.now()) / 1000), label = shown.querySelector("[data-seconds]");
      if (left > 0 && shown.isConnected) { if (label) label.textContent = left; return; }
      clearInterval(tick);
      const masked = shown.querySelector("template")?.content.firstElementChild;
      if (masked) { const copy = masked.cloneNode(true); shown.replaceWith(copy); window.htmx?.process(copy); } else location.reload();
    }, 250);
  }
  for (const label of $$("[data-countdown]", root)) {
    if (label.dataset.running) continue;
    label.dataset.running = "1";
    const until = Date.now() + Number(label.dataset.countdown) * 1000;
    const tick = setInterval(() => {
      if (!label.isConnected) return clearInterval(tick);
      label.textContent = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    }, 250);
  }
}

// Dialogs ----------------------------------------------------------------------------------------------------
function ask(question) {
  const box = document.getElementById("confirm");
  if (!box?.showModal) return Promise.resolve(window.confirm(question));
  box.querySelector("#confirm-text").textContent = question;
  box.returnValue = "";
  box.showModal();
  return new Promise((answer) => box.addEventListener("close", () => answer(box.returnValue === "ok"), { once: true }));
}
function closeAll() {
  for (const menu of $$("details.menu[open]")) { menu.open = false; menu.querySelector("summary").focus(); }
  if (location.hash === "#menu") { location.hash = "#main"; }
}

function ready(root = document) {
  drawCharts(root);
  startClocks(root);
  for (const bar of $$("[data-select-bar]", root)) countSelected(bar.dataset.selectBar);
  root.querySelector?.("[data-focus]")?.focus();
}

document.addEventListener("DOMContentLoaded", () => ready());
// A dialog opens over its page: the page keeps its title.
document.addEventListener("htmx:beforeSwap", (event) => { if (event.detail.target.id === "dialog-body") event.detail.ignoreTitle = true; });
document.addEventListener("htmx:afterSwap", (event) => {
  const target = event.detail.target;
  if (target.id === "dialog-body" && target.childElementCount) {
    const dialog = target.closest("dialog");
    if (dialog && !dialog.open) dialog.showModal();
  }
});
document.addEventListener("htmx:load", (event) => { if (event.detail.elt !== document.body) ready(event.detail.elt); });
document.addEventListener("htmx:confirm", (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  ask(event.detail.question).then((yes) => yes && event.detail.issueRequest(true));
});
// Empty filters stay out of the address.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get" || !event.detail.elt.matches("form")) return;
  for (const [name, value] of [...event.detail.formData.entries()]) if (value === "") event.detail.formData.delete(name);
});
// A part that renews itself (data-renews) says so beside it when it cannot, and tries again; nobody is there to press OK.
const renews = (event) => event.detail.elt.closest?.("[data-renews]");
for (const [name, failed] of [["htmx:sendError", true], ["htmx:responseError", true], ["htmx:afterRequest", false]]) document.addEventListener(name, (event) => {
  const part = renews(event);
  if (part && (failed || event.detail.successful)) document.documentElement.toggleAttribute("data-stale", failed);
});
document.addEventListener("htmx:sendError", (event) => renews(event) || window.alert("网络不通，刚才的操作没有完成。请检查网络后再试。"));
document.addEventListener("htmx:responseError", (event) => {
  if (renews(event)) return;
  const number = event.detail.xhr.getResponseHeader("X-Request-ID");
  window.alert(`操作没有完成，请稍后再试。${number ? `追踪号 ${number}` : ""}`);
});
// A server that answers HX-Trigger: close-dialog has done what the dialog asked for.
document.addEventListener("close-dialog", () => { const dialog = document.getElementById("dialog"); if (dialog?.open) dialog.close(); });

document.addEventListener("click", (event) => {
  const at = event.target;
  const copy = at.closest("[data-copy]");
  if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => { const label = copy.querySelector("span"), before = label.textContent; label.textContent = "已复制"; setTimeout(() => { label.textContent = before; }, 2000); });
  if (at.closest("[data-print]")) window.print();
  const cancel = at.closest("dialog [data-close]");
  if (cancel) { event.preventDefault(); cancel.closest("dialog").close(); }
  for (const menu of $$("details.menu[open]")) if (!menu.contains(at)) menu.open = false;
  if (at.matches("dialog.dialog")) at.close();
  if (location.hash === "#menu" && !at.closest("#menu, .menu-button")) location.hash = "#main";
});
document.addEventListener("submit", (event) => {
  const button = event.submitter, question = button?.dataset.confirm || event.target.dataset.confirm;
  if (!question || event.target.dataset.confirmed) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  ask(question).then((yes) => {
    if (!yes) return;
    event.target.dataset.confirmed = "1";
    event.target.requestSubmit(button);
    delete event.target.dataset.confirmed;
  });
}, true);
document.addEventListener("change", (event) => {
  const at = event.target;
  if (at.matches(".drop input[type=file]")) at.closest(".drop").querySelector("[data-file-name]").textContent = at.files[0]?.name || "选择或拖入文件";
  if (at.dataset.selectPage) { for (const box of boxesOf(at.dataset.selectPage)) box.checked = at.checked; countSelected(at.dataset.selectPage); }
  if (at.dataset.selectEverything && at.checked) { for (const box of boxesOf(at.dataset.selectEverything)) box.checked = true; countSelected(at.dataset.selectEverything); }
  if (at.name === "selected" && at.getAttribute("form")) countSelected(at.getAttribute("form"));
});
for (const [name, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) document.addEventListener(name, (event) => event.target.closest?.(".drop")?.classList.toggle("over", over));
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    const search = document.querySelector("[data-search]:not([hidden])") || document.querySelector("input[type=search]");
    if (search) { event.preventDefault(); search.focus(); search.select(); }
  }
  if (event.key === "Escape") { if (typing?.matches("[data-search]")) typing.blur(); closeAll(); }
});
