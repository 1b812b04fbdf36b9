"use strict";
// The page works on its own: no library, no request, nothing but what stands in it.

const data = JSON.parse(document.getElementById("data").textContent);
const find = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

/** Says what came of something; bad news stays until there is other news. */
function tell(message, isBad = false) {
  const told = find("#told");
  clearTimeout(tell.timer);
  if (!isBad) tell.timer = setTimeout(() => told.replaceChildren(), 8000);
  told.classList.toggle("bad", isBad);
  told.replaceChildren(...[message].flat().filter(Boolean));
}

// ---- Preview -------------------------------------------------------------------------------

const view = { article: "", theme: "light", width: "phone" };
const root = find("#page").attachShadow({ mode: "open" });
const PAGE_STYLE = `
:host{display:block;color:#191919;background:#fff;contain:content}
.page{padding:20px 16px 40px;font:17px/1.6 -apple-system,"PingFang SC","Microsoft YaHei","WenQuanYi Micro Hei",sans-serif;overflow-wrap:break-word}
h1.headline{font-size:22px;line-height:1.4;margin:0 0 12px;font-weight:500}
.by{margin:0 0 22px;font-size:15px;color:#8a8a8a}
.by b{font-weight:400;color:#576b95;margin-left:10px}
.more{margin:24px 0 0;font-size:15px;color:#576b95}
img{max-width:100%}
:host(.dark){background:#191919;color:#a3a3a3}
.dark .by b,.dark .more{color:#7d90a9}
::highlight(remark){background:#ffd54d;color:#1d2127}`;

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/** The nodes of some HTML; what has no business in an article stays out. */
function nodesOf(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const strangers = "script,style,link,meta,base,iframe,frame,object,embed,form,template";
  all(strangers, parsed).forEach((stranger) => stranger.remove());
  return [...parsed.body.childNodes];
}

function articlePage(article) {
  const page = element("div", view.theme === "dark" ? "page dark" : "page");
  const by = element("p", "by", article.author);
  by.append(element("b", "", data.account));
  const content = element("div", "content");
  content.append(...nodesOf(view.theme === "dark" ? article.dark : article.light));
  page.append(element("h1", "headline", article.title), by, content);
  if (article.source_url) page.append(element("p", "more", "阅读原文"));
  return page;
}

function paint() {
  const article = data.articles[view.article];
  const frame = find("#frame");
  Object.assign(frame.dataset, { width: view.width, theme: view.theme });
  find("#where").textContent = article ? "公众号文章" : data.account;
  find("#card").hidden = Boolean(article);
  find("#page").hidden = !article;
  find("#page").className = view.theme;
  if (article) root.replaceChildren(element("style", "", PAGE_STYLE), articlePage(article));
  for (const button of all("[data-article][aria-pressed]")) {
    button.setAttribute("aria-pressed", String(button.dataset.article === String(view.article)));
  }
  for (const kind of ["theme", "width"]) {
    for (const button of all(`button[data-${kind}]`)) {
      button.setAttribute("aria-pressed", String(button.dataset[kind] === view[kind]));
    }
  }
  for (const tools of all("[data-tools]")) tools.hidden = tools.dataset.tools !== String(view.article);
}

function show(change) {
  const turns = "article" in change && String(change.article) !== String(view.article);
  Object.assign(view, change);
  paint();
  if (turns) {
    tell("");
    find("#screen").scrollTop = 0;
  }
}

function showSheet([html, style]) {
  const page = find("#page");
  page.hidden = false;
  root.replaceChildren(element("style", "", style), ...nodesOf(html));
}

/** The first place of some words below `within`, however many elements they are spread over. */
function rangeOf(words, within) {
  const walker = document.createTreeWalker(within, NodeFilter.SHOW_TEXT);
  const parts = [];
  let text = "";
  while (walker.nextNode()) {
    parts.push([text.length, walker.currentNode]);
    text += walker.currentNode.data;
  }
  const at = words ? text.indexOf(words) : -1;
  if (at < 0) return null;
  const place = (offset) => {
    const [begin, node] = parts.findLast(([start]) => start <= offset);
    return [node, offset - begin];
  };
  const range = document.createRange();
  range.setStart(...place(at));
  const [last, offset] = place(at + words.length - 1);
  range.setEnd(last, offset + 1);
  return range;
}

/** The title under which a piece is printed in the preview. */
function titleOf(piece) {
  const before = base.pieces.find((other) => other.key === piece);
  return before.title ?? document.getElementById(`piece-${piece}`).dataset.original;
}

/** Turns to the article that prints a piece, and marks the words of a remark in it. */
function lookAt(piece, words) {
  if (!data.sheet) {
    const holds = (article) => (piece ? article.pieces.includes(piece) : article.light.includes(words));
    const numbers = data.articles.map((_, number) => number).filter((number) => holds(data.articles[number]));
    if (!numbers.length) return tell("这一处不在预览里。", true);
    show({ article: numbers.find((number) => data.articles[number].light.includes(words)) ?? numbers[0] });
  }
  find("#preview").scrollIntoView({ block: "start" });
  const range = rangeOf(words || titleOf(piece), root);
  if (window.CSS && CSS.highlights) {
    CSS.highlights.clear();
    if (range) CSS.highlights.set("remark", new Highlight(range));
  }
  if (range) range.startContainer.parentElement.scrollIntoView({ block: "center" });
  tell(range || !words ? "" : "没有在预览里找到这几个字。");
}

// ---- Copying -------------------------------------------------------------------------------

/** Hands both forms to the clipboard as they are, which works on a page opened from a disk too. */
function copyByEvent(html, text) {
  let isTaken = false;
  const take = (event) => {
    event.preventDefault();
    if (html) event.clipboardData.setData("text/html", html);
    event.clipboardData.setData("text/plain", text);
    isTaken = true;
  };
  // Some browsers copy nothing where nothing is selected.
  const holder = element("pre", "away", text || " ");
  document.body.append(holder);
  document.addEventListener("copy", take, { once: true, capture: true });
  const selection = getSelection();
  selection.selectAllChildren(holder);
  try {
    return document.execCommand("copy") && isTaken;
  } catch {
    return false;
  } finally {
    document.removeEventListener("copy", take, { capture: true });
    selection.removeAllRanges();
    holder.remove();
  }
}

/** True where the clipboard took it. */
async function copy(html, text) {
  if (copyByEvent(html, text)) return true;
  if (!window.isSecureContext || !navigator.clipboard || !window.ClipboardItem) return false;
  const parts = { "text/plain": new Blob([text], { type: "text/plain" }) };
  if (html) parts["text/html"] = new Blob([html], { type: "text/html" });
  return navigator.clipboard.write([new ClipboardItem(parts)]).then(() => true, () => false);
}

const BLOCKS = /^(P|SECTION|DIV|H[1-6]|TR|TABLE|BLOCKQUOTE|FIGURE|FIGCAPTION|PRE|HR)$/;

/** What the article says, a paragraph a line. */
function plainText(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data.replace(/\s+/g, " ");
  if (node.nodeName === "BR") return "\n";
  const text = [...node.childNodes].map(plainText).join("");
  return BLOCKS.test(node.nodeName) ? `\n${text.trim()}\n` : text;
}

function lines(html) {
  const text = nodesOf(html).map(plainText).join("");
  return text.split("\n").map((line) => line.trim()).filter(Boolean).join("\n");
}

/** The article to be pasted, with its pictures in it. */
function embedded(article) {
  const parsed = new DOMParser().parseFromString(article.paste, "text/html");
  for (const picture of all("img", parsed)) {
    const own = data.pictures[article.addresses[picture.getAttribute("src")]];
    if (own) picture.setAttribute("src", own);
  }
  return parsed.body.innerHTML;
}

async function copyPart(part) {
  const article = data.articles[view.article];
  const parts = {
    title: () => [null, article.title, "标题"],
    digest: () => [null, article.digest, "摘要"],
    body: () => [article.paste, lines(article.paste), "正文（图片为原地址）"],
    embedded: () => [embedded(article), lines(article.paste), "正文（图片已内嵌）"],
    command: () => [null, find("#command").textContent, "命令"],
  };
  const [html, text, name] = parts[part]();
  if (await copy(html, text)) return tell(`已复制${name}，可到编辑器里粘贴。`);
  if (!html) return tell(`浏览器不让复制。请手工选中：${text}`, true);
  const file = element("a", "", article.file);
  Object.assign(file, { href: article.file, target: "_blank" });
  return tell(["浏览器不让复制。请打开 ", file, "，全选（Ctrl+A），再按 Ctrl+C。"], true);
}

// ---- Edits ---------------------------------------------------------------------------------

const STORE = `lianbo ${data.issue} ${data.version} ${data.content_sha256}`;
const rows = () => all(".piece");
const field = (row, name) => find(`[data-field="${name}"]`, row);
const oneLine = (text) => text.replace(/\s+/gu, " ").trim();

function readRow(row) {
  const title = oneLine(field(row, "title").value);
  const summary = oneLine(field(row, "summary").value);
  return {
    key: row.dataset.key,
    section: row.parentElement.dataset.section,
    title: title && title !== row.dataset.original ? title : null,
    summary: summary && summary !== row.dataset.automatic ? summary : null,
    picture: field(row, "picture").checked,
    drop: row.dataset.dropped === "true",
  };
}

/** What the page says now: the content of `selection.json`. */
function read() {
  return {
    issue: data.issue,
    version: data.version,
    content_sha256: data.content_sha256,
    title: oneLine(find("#issue-title").value),
    note: find("#issue-note").value.split("\n").map(oneLine).filter(Boolean).join("\n"),
    pieces: rows().map(readRow),
  };
}

/** Makes the page say what `edits` says. */
function write(edits) {
  find("#issue-title").value = edits.title;
  find("#issue-note").value = edits.note;
  for (const piece of edits.pieces) {
    const row = document.getElementById(`piece-${piece.key}`);
    const list = all("ol[data-section]").find((list) => list.dataset.section === piece.section);
    if (!row || !list) continue;
    list.append(row);
    field(row, "title").value = piece.title ?? row.dataset.original;
    field(row, "summary").value = piece.summary ?? row.dataset.automatic;
    field(row, "picture").checked = piece.picture;
    row.dataset.dropped = String(piece.drop);
  }
}

/** Those of `keys` that left their place: all but a longest run which kept its order. */
function moved(keys) {
  const before = base.pieces.map((piece) => piece.key);
  const runs = [];
  for (const key of keys) {
    const at = before.indexOf(key);
    const shorter = runs.filter((run) => run.at < at);
    const longest = shorter.reduce((best, run) => (run.keys.length > best.length ? run.keys : best), []);
    runs.push({ at, keys: [...longest, key] });
  }
  const kept = runs.reduce((best, run) => (run.keys.length > best.length ? run.keys : best), []);
  return new Set(keys.filter((key) => !kept.includes(key)));
}

const MARKS = { title: "改题", summary: "改摘要", section: "换栏", picture: "改配图", drop: "不印" };

/** What was changed of a piece, in words. */
function marksOf(piece, isMoved) {
  const before = base.pieces.find((other) => other.key === piece.key);
  const marks = Object.keys(MARKS).filter((name) => piece[name] !== before[name]).map((name) => MARKS[name]);
  return isMoved && piece.section === before.section ? [...marks, "移动"] : marks;
}

function markRow(row, piece, place, marks) {
  const title = piece.title ?? row.dataset.original;
  find(".title bdi", row).textContent = title;
  find(".original", row).hidden = title === row.dataset.original;
  find(".place", row).textContent = place ?? "–";
  find(".marks", row).replaceChildren(...marks.map((mark) => element("span", "badge new", mark)));
  find(".grip", row).setAttribute("aria-label", `移动：${title}`);
  find(".drop", row).textContent = piece.drop ? "恢复" : "不印";
  field(row, "section").value = piece.section;
  row.classList.toggle("dropped", piece.drop);
  row.classList.toggle("changed", marks.length > 0);
}

function count() {
  for (const counter of all("[data-counts]")) {
    const { advised, most } = counter.dataset;
    const used = [...oneLine(document.getElementById(counter.dataset.counts).value)].length;
    counter.textContent = most ? `${used}/${advised}(${most})` : `${used}/${advised}`;
    counter.classList.toggle("over", used > advised);
    counter.classList.toggle("bad", Boolean(most) && used > most);
  }
}

/** Brings everything that depends on the fields up to date. */
function refresh() {
  const now = read();
  const strays = moved(now.pieces.map((piece) => piece.key));
  let place = 0;
  let changes = Number(now.title !== base.title) + Number(now.note !== base.note);
  rows().forEach((row, at) => {
    const piece = now.pieces[at];
    const prints = !piece.drop && !row.classList.contains("withdrawn");
    const marks = marksOf(piece, strays.has(piece.key));
    markRow(row, piece, prints ? (place += 1) : null, marks);
    changes += marks.length;
  });
  count();
  const isChanged = JSON.stringify(now) !== JSON.stringify(base);
  find("#stale").hidden = !isChanged;
  document.body.classList.toggle("edited", isChanged);
  find("#discard").disabled = !isChanged;
  find("#changes").textContent = isChanged ? `${changes} 处修改` : "没有修改";
  find("#changes").classList.toggle("new", isChanged);
  return isChanged;
}

function keep(isChanged) {
  try {
    if (isChanged) localStorage.setItem(STORE, JSON.stringify(read()));
    else localStorage.removeItem(STORE);
  } catch {
    // Without storage the warning before leaving is what is left.
  }
}

function kept() {
  try {
    return JSON.parse(localStorage.getItem(STORE));
  } catch {
    return null;
  }
}

const changed = () => keep(refresh());

function save() {
  const edits = read();
  const text = `${JSON.stringify(edits, null, 2)}\n`;
  const link = element("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  link.download = "selection.json";
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  saved = JSON.stringify(edits);
  tell("已保存 selection.json 到下载文件夹。");
}

function discard() {
  if (!confirm("放弃全部修改？")) return;
  write(base);
  changed();
  tell("已回到修改之前。");
}

// ---- Order ---------------------------------------------------------------------------------

/** One place up or down; beyond the end of a section it goes on in the next one. */
function step(row, isUp) {
  const list = row.parentElement;
  const beside = isUp ? row.previousElementSibling : row.nextElementSibling;
  if (beside) {
    list.insertBefore(row, isUp ? beside : beside.nextElementSibling);
  } else {
    const lists = all("ol[data-section]");
    const other = lists[lists.indexOf(list) + (isUp ? -1 : 1)];
    if (!other) return;
    if (isUp) other.append(row);
    else other.prepend(row);
  }
  changed();
  const at = [...row.parentElement.children].indexOf(row) + 1;
  tell(`已移到“${row.parentElement.dataset.section || "未分栏目"}”第 ${at} 条。`);
}

function stepWithFocus(row, isUp, button) {
  step(row, isUp);
  button.focus();
  row.scrollIntoView({ block: "nearest" });
}

/** Puts a row where the pointer is. */
function dragTo(row, y) {
  const sections = all(".section");
  const over = sections.findLast((section) => section.getBoundingClientRect().top <= y) ?? sections[0];
  const middle = (other) => other.getBoundingClientRect().top + other.offsetHeight / 2;
  const others = all(".piece", over).filter((other) => other !== row);
  const next = others.find((other) => middle(other) > y) ?? null;
  const list = find("ol", over);
  if (row.parentElement !== list || row.nextElementSibling !== next) list.insertBefore(row, next);
  if (y < 90) scrollBy(0, -12);
  if (y > innerHeight - 60) scrollBy(0, 12);
}

function drag(event) {
  const grip = event.currentTarget;
  const row = grip.closest(".piece");
  const move = (moveEvent) => dragTo(row, moveEvent.clientY);
  const end = () => {
    removeEventListener("pointermove", move);
    row.classList.remove("dragged");
    changed();
  };
  // Capture would be lost as the row changes its place, so the whole window listens.
  addEventListener("pointermove", move);
  for (const kind of ["pointerup", "pointercancel"]) addEventListener(kind, end, { once: true });
  row.classList.add("dragged");
  event.preventDefault();
  grip.focus();
}

function toggleDrop(row) {
  const isDropped = row.dataset.dropped !== "true";
  row.dataset.dropped = String(isDropped);
  changed();
  tell(isDropped ? "这一条不印，可随时恢复。" : "已恢复。");
}

function toSection(row) {
  const name = field(row, "section").value;
  all("ol[data-section]").find((list) => list.dataset.section === name).append(row);
  changed();
  field(row, "section").focus();
}

// ---- Start ---------------------------------------------------------------------------------

function listenToRow(row) {
  const grip = find(".grip", row);
  grip.addEventListener("pointerdown", drag);
  grip.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    stepWithFocus(row, event.key === "ArrowUp", grip);
  });
  for (const way of ["up", "down"]) {
    const button = find(`.${way}`, row);
    button.addEventListener("click", () => stepWithFocus(row, way === "up", button));
  }
  find(".drop", row).addEventListener("click", () => toggleDrop(row));
  field(row, "section").addEventListener("change", () => toSection(row));
}

function listen() {
  rows().forEach(listenToRow);
  find("#pieces").addEventListener("input", (event) => {
    if (event.target.dataset.field !== "section") changed();
  });
  find("#save").addEventListener("click", save);
  find("#discard").addEventListener("click", discard);
  for (const button of all("[data-copy]")) button.addEventListener("click", () => copyPart(button.dataset.copy));
  for (const button of all("[data-look]")) {
    button.addEventListener("click", () => lookAt(button.dataset.look, button.dataset.words));
  }
  addEventListener("beforeunload", (event) => {
    const now = JSON.stringify(read());
    if (now !== JSON.stringify(base) && now !== saved) event.preventDefault();
  });
}

function listenToPreview() {
  const number = (button) => (button.dataset.article === "" ? "" : Number(button.dataset.article));
  for (const button of all("[data-article]")) button.addEventListener("click", () => show({ article: number(button) }));
  for (const button of all("button[data-theme]")) button.addEventListener("click", () => show({ theme: button.dataset.theme }));
  for (const button of all("button[data-width]")) button.addEventListener("click", () => show({ width: button.dataset.width }));
  find("#back").addEventListener("click", () => show({ article: "" }));
}

const base = read();
let saved = JSON.stringify(base);
const earlier = kept();
if (earlier) write(earlier);
if (refresh() && earlier) tell("已恢复上次没有保存的修改。");
listen();
if (data.sheet) showSheet(data.sheet);
else {
  listenToPreview();
  paint();
}
