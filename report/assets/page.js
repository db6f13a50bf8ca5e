// Fills the page in one language and draws its charts. Text enters by textContent only, so no label can be markup.
// vegaEmbed comes from the bundle that stands before this text in the same script.
const page = JSON.parse(document.getElementById("page-data").textContent);
const LANGUAGES = Object.keys(page.texts);
const LOCALES = {
  en: { decimal: ".", thousands: ",", grouping: [3], currency: ["", ""], minus: "\u2212" },
  ru: { decimal: ",", thousands: "\u00a0", grouping: [3], currency: ["", ""], minus: "\u2212", percent: "\u00a0%" },
};
LOCALES.kk = LOCALES.ru;
const DOWNLOAD_WIDTH = 900;
const MARGIN = 16; // px around a chart in a file of its own
const NARROW = 520; // px; below it a chart writes fewer and shorter labels
const root = document.documentElement;
let language = "en";
let round = 0; // of drawing: what an older one brings is thrown away
const views = new Map();

// Numbers and dates

// Browsers say that they know Kazakh and write its numbers as English and its months as numbers; Russian writes
// numbers as Kazakh does, and the months stand here.
const KAZAKH_MONTHS = ["қаңтар", "ақпан", "наурыз", "сәуір", "мамыр", "маусым", "шілде", "тамыз", "қыркүйек", "қазан",
  "қараша", "желтоқсан"];

function intlName() {
  return language === "kk" ? "ru" : language;
}

function number(value, digits, options = {}) {
  const scale = options.style === "percent" ? 100 : 1;
  const shown = Number((value * scale).toFixed(digits)) === 0 ? 0 : value; // no minus before a rounded zero
  const format = { minimumFractionDigits: digits, maximumFractionDigits: digits, ...options };
  return new Intl.NumberFormat(intlName(), format).format(shown)
    .replace("-", "\u2212").replace(/\u202f/g, "\u00a0");
}

function date(text) {
  const options = { dateStyle: "long", timeZone: "UTC" };
  if (language === "kk") {
    const [year, month, day] = text.slice(0, 10).split("-").map(Number);
    return `${year} ж. ${day} ${KAZAKH_MONTHS[month - 1]}`;
  }
  return new Intl.DateTimeFormat(language, options).format(new Date(`${text.slice(0, 10)}T00:00:00Z`));
}

function figure(value) { // a number of any size: whole, or with three or four digits that count
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return number(value, 0);
  const whole = Math.max(1, Math.floor(Math.log10(Math.abs(value))) + 1);
  return number(value, Math.max(0, Math.min(4, 4 - whole)));
}

// The formats that a field of a text, or a column of a table, can name.
function shown(value, format = "") {
  if (value === null || value === undefined) return null;
  if (typeof value === "object") value = value[language];
  if (typeof value === "boolean") return t(value ? "ui.yes" : "ui.no");
  if (format === "date") return date(value);
  if (format === "period") return value.length === 4 ? value : date(value);
  if (format === "year" || typeof value === "string") return String(value);
  if (format === "figure") return figure(value);
  if (format === "p" || format === "p_alone") {
    return value < 0.001 ? `< ${number(0.001, 3)}` : `${format === "p" ? "= " : ""}${number(value, 3)}`;
  }
  if (format[0] === "+") return number(value, Number(format.slice(1)), { signDisplay: "exceptZero" });
  if (format[0] === "%") return number(value, Number(format.slice(1)), { style: "percent" });
  return number(value, Number(format || 0));
}

// Texts

function t(key, fields = page.figures) {
  const text = page.texts[language][key];
  let missing = false;
  const filled = text.replace(/\{(\w+)(?::([^}]*))?\}/g, (_, name, format) => {
    const value = shown(fields[name], format);
    if (value === null) missing = true;
    return value;
  });
  return missing ? null : filled;
}

function write(element, fields) {
  const text = t(element.dataset.text, fields);
  element.classList.toggle("unknown", text === null);
  element.textContent = text ?? t("ui.no_figure");
}

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function writeAll() {
  root.lang = language;
  document.title = t("page.title");
  for (const element of document.querySelectorAll("[data-text]")) {
    const name = element.closest("figure")?.dataset.chart;
    const own = element.dataset.fields ? JSON.parse(element.dataset.fields) : {};
    write(element, { ...page.figures, ...(name ? chosen(name).fields : {}), ...own });
  }
  for (const element of document.querySelectorAll("[data-label-text]")) {
    element.setAttribute("aria-label", t(element.dataset.labelText));
  }
  for (const option of document.querySelectorAll("option[data-names]")) {
    option.textContent = JSON.parse(option.dataset.names)[language];
  }
  for (const button of document.querySelectorAll("button[data-lang]")) {
    button.setAttribute("aria-pressed", String(button.dataset.lang === language));
  }
}

// Tables and charts

const keyOf = (field) => field.replace("{lang}", language);

function table(columns, rows, caption) {
  const head = make("tr", {}, ...columns.map((one) =>
    make("th", { scope: "col", ...(one.format ? { class: "number" } : {}) }, t(one.label))));
  const body = rows.map((row) => make("tr", {}, ...columns.map((one, position) => {
    // A text that nobody has translated stands in English, and says so.
    const english = one.field.replace("{lang}", "en");
    const isEnglish = english !== one.field && !row[keyOf(one.field)] && row[english];
    const text = shown(row[isEnglish ? english : keyOf(one.field)], one.format) ?? "\u2013";
    const attributes = position === 0 ? { scope: "row" } : one.format ? { class: "number" } : {};
    if (isEnglish) attributes.lang = "en";
    return make(position === 0 ? "th" : "td", attributes, text);
  })));
  return make("table", {},
    make("caption", { class: "hidden-text" }, caption), make("thead", {}, head), make("tbody", {}, ...body));
}

function csv(columns, rows) { // numbers as machines read them, with a mark of UTF-8 for spreadsheets
  const cell = (value) => {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [columns.map((one) => t(one.label)), ...rows.map((row) => columns.map((one) => row[keyOf(one.field)]))];
  return "\ufeff" + lines.map((line) => line.map(cell).join(",") + "\r\n").join("");
}

// The variant of a chart that its switch has chosen.
function chosen(name) {
  const chart = page.charts[name];
  const control = document.querySelector(`[data-switches="${name}"]`);
  const variant = control ? control.value : "only";
  return { ...chart, ...(chart.variants[variant] ?? { specs: {}, fields: {} }) };
}

function rowsOf(chart) {
  const rows = chart.datasets[chart.table];
  return chart.only ? rows.filter((row) => Object.entries(chart.only).every(([name, value]) => row[name] === value)) : rows;
}

function specOf(chart, width, seen = width) { // in px; of a chart that scrolls, not all is seen at once
  const spec = structuredClone(chart.specs[language]);
  spec.datasets = { ...chart.datasets, labels: [] };
  spec.params = [{ name: "narrow", value: seen < NARROW }];
  if (chart.aspect) spec.height = Math.min(spec.height, Math.round(width * chart.aspect));
  for (const part of spec.vconcat ?? []) part.width = width - 76; // parts of a concatenation cannot follow a container
  return spec;
}

async function embed(element, spec, config) {
  const result = await vegaEmbed(element, spec, {
    mode: "vega-lite", renderer: "svg", actions: false, defaultStyle: false, ast: true, config,
    formatLocale: LOCALES[language], tooltip: { theme: "saldo", disableDefaultStyle: true },
  });
  const narrow = spec.params[0].value;
  const labels = labelsOf(result.view, language, narrow ? 10.5 : 11.5, config.font);
  if (labels.length) await result.view.data("labels", labels).runAsync();
  return result;
}

// A finger hovers over nothing, and Vega takes a tooltip away as soon as the finger is lifted.
function showOnTap(view) {
  view.addEventListener("click", (event, item) => {
    if (item?.tooltip) view.tooltip().call(view, null, event, item, item.tooltip);
  });
}

function hideTip() {
  byId("vg-tooltip-element")?.classList.remove("visible");
}

async function draw(name) {
  const element = document.querySelector(`figure[data-chart="${name}"]`);
  const chart = chosen(name);
  const mine = round;
  if (!chart.specs[language]) return;
  for (const one of element.querySelectorAll("[data-text]")) write(one, { ...page.figures, ...chart.fields });
  element.querySelector(".more-notes")?.replaceChildren(...(chart.notes ?? []).map((key) =>
    make("span", { class: "figure-note" }, t(key, { ...page.figures, ...chart.fields }))));
  const caption = element.querySelector(".figure-title").textContent;
  element.querySelector(".table-alternative .scroll").replaceChildren(table(chart.columns, rowsOf(chart), caption));
  const view = element.querySelector(".view");
  view.setAttribute("aria-label", caption);
  try {
    const result = await embed(view, specOf(chart, view.clientWidth, view.parentElement.clientWidth), page.config);
    for (const part of view.children) part.setAttribute("aria-hidden", "true"); // the view is an image with a name
    if (mine !== round) return result.finalize();
    showOnTap(result.view);
    views.get(name)?.finalize();
    views.set(name, result);
    element.dataset.state = "drawn";
  } catch (error) {
    console.error(`chart ${name}:`, error);
    element.dataset.state = "failed";
    view.replaceChildren(make("p", { class: "notice" }, t("ui.not_drawn")));
  }
}

// For a file of its own the colours stand as values, those of the light theme.
function withColours(value) {
  return JSON.parse(JSON.stringify(value).replace(/var\(--([a-z0-9-]+)\)/g, (_, name) => page.palette[name]));
}

async function download(name, kind) {
  const chart = chosen(name);
  let address;
  if (kind === "csv") {
    address = URL.createObjectURL(new Blob([csv(chart.columns, rowsOf(chart))], { type: "text/csv;charset=utf-8" }));
  } else {
    const spec = withColours(specOf(chart, DOWNLOAD_WIDTH));
    if (spec.width === "container") spec.width = DOWNLOAD_WIDTH;
    if (spec.padding) Object.assign(spec.padding, { left: MARGIN, top: MARGIN, bottom: MARGIN });
    const title = document.querySelector(`figure[data-chart="${name}"] .figure-title`).textContent;
    const { fontSize } = page.config.title;
    const lines = wrapped(title, DOWNLOAD_WIDTH - 2 * MARGIN, `bold ${fontSize}px ${page.config.font}`);
    const named = { text: lines, subtitle: t("ui.source"), anchor: "start", offset: 18 };
    const config = withColours({ ...page.config, background: "var(--paper)", padding: MARGIN });
    const { view, finalize } = await embed(document.createElement("div"), { ...spec, title: named }, config);
    address = kind === "png"
      ? await view.toImageURL("png", 2)
      : URL.createObjectURL(new Blob([await view.toSVG()], { type: "image/svg+xml" }));
    finalize();
  }
  const link = make("a", { href: address, download: `saldo-${name}-${language}.${kind}`, hidden: "" });
  document.body.append(link); // a click on what is nowhere may be lost
  link.click();
  link.remove();
  if (address.startsWith("blob:")) setTimeout(() => URL.revokeObjectURL(address), 10000);
}

// Claims

const byId = (id) => document.getElementById(id);
const normal = (text) => text.toLocaleLowerCase(language).replace(/[\u2212\u2013]/g, "-").replace(/[\u00a0\u202f]/g, " ");
const inLanguage = (row, stem) => row[`${stem}_${language}`] ?? row[`${stem}_en`] ?? row[stem] ?? "";
const languageOf = (row, stem) => (row[`${stem}_${language}`] ? language : "en");

const unique = (list) => [...new Set(list.filter(Boolean))];

// A statement stands in several places and languages of the article; each is a claim of its own.
const statements = [...page.claims.reduce((found, claim) => {
  return found.set(claim.statement_id, [...(found.get(claim.statement_id) ?? []), claim]);
}, new Map()).values()];

// Units that are seen in the figure, or that it has none of.
const WITHOUT_UNIT = ["year", "share", "coefficient", "yes_no"];

function measured(value, unit, digits, least) {
  if (value === undefined) return null;
  if (unit === "year") return String(value);
  if (unit === "yes_no") return t(value ? "ui.yes" : "ui.no");
  if (digits === undefined) return figure(value);
  const options = { minimumFractionDigits: least, ...(unit === "share" ? { style: "percent" } : {}) };
  return number(unit === "thousand_persons" ? value / 1000 : value, digits, options);
}

function printed(claim) { // as many digits as in the article, in signs of the page's language
  const text = claim.printed_value;
  if (claim.unit === "year" || !/^-?\d+(\.\d+)?$/.test(text)) return text ?? null;
  const digits = (text.split(".")[1] ?? "").length;
  return claim.unit === "share" ? number(text / 100, digits, { style: "percent" }) : number(Number(text), digits);
}

function recomputed(claim) { // of what agrees after rounding, one digit more shows the difference
  // A file of an earlier version says no digits.
  const more = claim.verdict === "confirmed_rounded" ? 1 : 0;
  const digits = claim.decimals === undefined ? undefined : claim.decimals + more;
  return measured(claim.recomputed_value, claim.unit, digits, claim.printed_value ? digits : 0);
}

function otherwise(claim) {
  return measured(claim.alternative_recomputed_value, claim.alternative_unit, claim.alternative_decimals, 0);
}

function unitOf(claim, stem) {
  return WITHOUT_UNIT.includes(claim[stem]) ? "" : inLanguage(claim, stem);
}

function foundLines(claim) {
  const value = recomputed(claim);
  if (value === null) return ["\u2013"];
  const other = otherwise(claim);
  const unit = unitOf(claim, "alternative_unit");
  return [value, unitOf(claim, "unit"),
    ...(other === null ? [] : [t("claims.otherwise", { value: unit ? `${other} (${unit})` : other })])];
}

function places(claims) {
  const languages = new Map();
  for (const claim of claims) {
    const place = inLanguage(claim, "locator");
    languages.set(place, [...(languages.get(place) ?? []), claim.language]);
  }
  return [...languages].map(([place, names]) => `${place} (${names.join(", ")})`);
}

function claimRow(claims) {
  const [claim] = claims;
  const said = inLanguage(claim, "statement");
  const each = (stem) => unique(claims.map((one) => inLanguage(one, stem)));
  // Of a claim that no rule judges, the reason is the note and no more.
  const reasons = unique(claims.map((one) => (one.reason === one.note_en ? "" : one.reason)));
  const [value, ...beside] = unique(claims.flatMap(foundLines));
  const cell = (attributes, label, ...children) =>
    make("td", { role: "cell", ...attributes, ...(label ? { "data-label": t(label) } : {}) }, ...children);
  const why = [
    ...each("finding").map((one) => make("p", { class: "finding", lang: languageOf(claim, "finding") }, one)),
    ...each("note").map((one) => make("p", { class: "note", lang: languageOf(claim, "note") }, one)),
    ...(reasons.length ? [make("details", {}, make("summary", {}, t("claims.reason")),
      ...reasons.map((one) => make("p", { lang: "en" }, one)))] : [])];
  return make("tr", { role: "row", "data-claim": claim.claim_id },
    cell({ class: "said" }, null, make("span", { lang: languageOf(claim, "statement") }, said),
      ...places(claims).map((one) => make("span", { class: "where", lang: languageOf(claim, "locator") }, one))),
    cell({ class: "number" }, "claims.printed", printed(claim) ?? "\u2013"),
    cell({ class: "number" }, "claims.recomputed", make("span", { class: "value" }, value),
      ...beside.map((one) => make("span", { class: "beside" }, one))),
    cell({}, null, make("span", { class: "verdict", "data-verdict": claim.verdict },
      inLanguage(claim, "verdict") || claim.verdict)),
    cell({}, null, ...why));
}

function writeClaims() {
  const body = document.querySelector("#claims-table tbody");
  if (!body) return;
  const choice = byId("claims-verdict");
  const search = byId("claims-search").value.trim();
  const words = normal(search).split(/\s+/).filter(Boolean);
  const found = statements.filter((claims) => {
    if (choice.value && claims[0].verdict !== choice.value) return false;
    const text = normal(claims.flatMap((claim) => [claim.claim_id, inLanguage(claim, "statement"),
      inLanguage(claim, "finding"), inLanguage(claim, "note"), claim.reason,
      claim.printed_value, printed(claim), ...foundLines(claim), claim.locator, inLanguage(claim, "locator")]).join(" "));
    return words.every((word) => text.includes(word));
  });
  body.replaceChildren(...found.map(claimRow));
  // On paper the filters are not to be seen; this line says what they left.
  byId("claims-count").textContent = t(search ? "claims.count_search" : "claims.count",
    { verdict: choice.selectedOptions[0].textContent, search, found: found.length, all: statements.length });
}

function writeVerdicts() {
  const list = byId("verdicts");
  if (!list) return;
  list.replaceChildren(...page.verdicts.map((one) => make("li", {},
    make("b", {}, number(one.count, 0)),
    make("span", { class: "verdict", "data-verdict": one.verdict }, one[`name_${language}`] ?? one.verdict))));
  byId("main-claims")?.replaceChildren(...page.claims.filter((claim) => claim.headline_order)
    .sort((one, other) => one.headline_order - other.headline_order)
    .map((claim) => make("li", {},
      make("span", { lang: languageOf(claim, "statement") }, inLanguage(claim, "statement")), ": ",
      make("span", { class: "verdict", "data-verdict": claim.verdict }, inLanguage(claim, "verdict") || claim.verdict))));
}

function writeReleases() {
  const place = byId("releases");
  if (place) place.replaceChildren(table(page.releases.columns, page.releases.rows, t("notes.releases")));
  const said = (one, stem) => make("span", { lang: languageOf(one, stem) }, inLanguage(one, stem));
  const latest = page.releases.rows.filter((one) => one.is_of_latest_day);
  byId("latest-releases")?.replaceChildren(...latest.map((one) =>
    make("li", {}, said(one, "title"), " \u00b7 ", said(one, "publisher"))));
}

// The page as a whole

async function drawAll() {
  round += 1;
  const mine = round;
  root.dataset.ready = "false";
  await Promise.all(Object.keys(page.charts).map(draw));
  if (mine === round) root.dataset.ready = "true";
}

function speak(name) {
  language = name;
  writeAll();
  writeVerdicts();
  writeClaims();
  writeReleases();
  return drawAll();
}

// Storage is refused to a page in some browsers when it is a file.
function remembered(name) {
  try { return localStorage.getItem(`saldo-${name}`); } catch { return null; }
}

function remember(name, value) {
  try { localStorage.setItem(`saldo-${name}`, value); } catch { /* then it is asked again next time */ }
}

function asked() {
  return /[?&#]lang=(\w+)/.exec(location.search + location.hash)?.[1];
}

function firstLanguage() {
  const wishes = [asked(), remembered("language"), ...(navigator.languages ?? [navigator.language])];
  return wishes.map((one) => one?.slice(0, 2)).find((one) => LANGUAGES.includes(one)) ?? "en";
}

function showTheme(name) {
  root.dataset.theme = name;
  byId("theme").setAttribute("aria-pressed", String(name === "dark"));
}

const dark = matchMedia("(prefers-color-scheme: dark)");
showTheme(remembered("theme") ?? (dark.matches ? "dark" : "light"));
dark.addEventListener("change", () => remembered("theme") ?? showTheme(dark.matches ? "dark" : "light"));
byId("theme").addEventListener("click", () => {
  showTheme(root.dataset.theme === "dark" ? "light" : "dark");
  remember("theme", root.dataset.theme);
});
for (const button of document.querySelectorAll("button[data-lang]")) {
  button.addEventListener("click", () => { remember("language", button.dataset.lang); speak(button.dataset.lang); });
}
addEventListener("hashchange", () => { if (LANGUAGES.includes(asked()) && asked() !== language) speak(asked()); });
for (const control of document.querySelectorAll("[data-switches]")) {
  control.addEventListener("change", () => draw(control.dataset.switches));
}
for (const button of document.querySelectorAll("button[data-download]")) {
  button.addEventListener("click", () =>
    download(button.closest("figure").dataset.chart, button.dataset.download)
      .catch((error) => console.error("download:", error)));
}
byId("claims-verdict")?.addEventListener("change", writeClaims);
byId("claims-search")?.addEventListener("input", writeClaims);

addEventListener("scroll", hideTip, { passive: true }); // it stands where it was touched, not where that has gone
addEventListener("pointerdown", (event) => { if (!event.target.closest?.(".view")) hideTip(); });

// Labels are placed for one width, so that charts are drawn anew for another.
let width = innerWidth;
let waiting;
addEventListener("resize", () => {
  if (innerWidth === width) return;
  width = innerWidth;
  clearTimeout(waiting);
  waiting = setTimeout(drawAll, 200);
});

speak(firstLanguage());
