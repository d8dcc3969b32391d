"use strict";
// Draws the rows as a grid that is used by mouse and keyboard, on a telephone as cards.
const NARROW = 520;
const frame = document.getElementById("frame"), why = document.getElementById("why");
let at = {row: 0, column: 0}, corner = null, lastPicked = null, editor = null, isNarrow = null, isTouched = false;
const body = () => frame.querySelector("tbody"), header = () => frame.querySelector("th.pick input");
const place = (row, column) => body()?.rows[row]?.cells[column + 1];

addEventListener("message", event => {
  if (event.data.type !== "streamlit:render") return;
  const before = seen;
  seen = event.data.args;
  const theme = event.data.theme;
  if (theme) {
    document.body.classList.toggle("dark", theme.base === "dark");
    for (const [name, value] of [["--text", theme.textColor], ["--ground", theme.backgroundColor], ["--card", theme.secondaryBackgroundColor]])
      if (value) document.body.style.setProperty(name, value);
  }
  const rows = data => data.rows.map(row => row.id).join(" ") + data.columns.map(column => column.name).join(" ");
  if (!before || before.grid !== seen.grid) {
    edits = clone(seen.edits); picked = new Set(); done = []; undone = [];
    draw();
  } else if (rows(before) !== rows(seen)) draw();
  else paint();
});
new ResizeObserver(() => {
  if (!seen || !document.documentElement.clientWidth) return;
  if (isNarrow !== document.documentElement.clientWidth < NARROW) draw();
  else sized();
}).observe(document.documentElement);
send("componentReady", {apiVersion: 1});

function sized() { send("setFrameHeight", {height: document.querySelector("main").offsetHeight + 4}); }

function draw() {
  const isFocused = document.hasFocus() && frame.contains(document.activeElement);
  isNarrow = document.documentElement.clientWidth < NARROW;
  editor = null; corner = null; lastPicked = null;
  at = {row: 0, column: 0};
  frame.style.maxHeight = isNarrow ? "none" : "";
  frame.style.border = isNarrow ? "0" : "";
  if (isNarrow) frame.replaceChildren(...seen.rows.map(card));
  else {
    const head = made("tr", {role: "row"}, titled("pick", made("input", {type: "checkbox", ariaLabel: "Pick all rows of this page"})),
      ...seen.columns.map(column => titled("", column.title)));
    const table = made("table", {}, made("thead", {role: "rowgroup"}, head), made("tbody", {role: "rowgroup"}, ...seen.rows.map((row, number) => line(row, number))));
    table.setAttribute("role", "grid");
    table.setAttribute("aria-label", seen.label);
    table.setAttribute("aria-multiselectable", "true");
    frame.replaceChildren(table);
    header().onchange = event => { pick(seen.rows, event.target.checked); paint(); };
    if (isFocused) go(0, 0);
  }
  paint();
}
function titled(className, inside) {
  const cell = made("th", {scope: "col", className}, inside);
  cell.setAttribute("role", "columnheader");
  return cell;
}
function line(row, number) {
  const box = made("input", {type: "checkbox", tabIndex: -1, ariaLabel: `Pick ${row.name}`});
  const first = made("td", {className: "pick"}, box);
  box.onclick = event => { event.stopPropagation(); pickUpTo(number, event.shiftKey); };
  first.onclick = event => pickUpTo(number, event.shiftKey);
  const cells = [first, ...seen.columns.map(() => made("td", {tabIndex: -1}))];
  for (const cell of cells) cell.setAttribute("role", "gridcell");
  const drawn = made("tr", {}, ...cells);
  drawn.setAttribute("role", "row");
  return drawn;
}
function pickUpTo(to, isRange) {
  const from = isRange && lastPicked !== null ? lastPicked : to;
  pick(seen.rows.slice(Math.min(from, to), Math.max(from, to) + 1), from !== to || !picked.has(seen.rows[to].id));
  lastPicked = to;
  paint();
}

// Touches only cells that look different now: focus, scroll and an open editor stay.
function paint() {
  if (isNarrow) { frame.querySelectorAll(".card").forEach((each, number) => paintCard(each, seen.rows[number])); sized(); return; }
  seen.rows.forEach((row, number) => {
    const drawn = body().rows[number], isPicked = picked.has(row.id);
    drawn.classList.toggle("picked", isPicked);
    drawn.setAttribute("aria-selected", isPicked);
    drawn.cells[0].firstChild.checked = isPicked;
    seen.columns.forEach((column, index) => paintCell(drawn.cells[index + 1], row, column));
  });
  const count = seen.rows.filter(row => picked.has(row.id)).length;
  header().checked = count > 0 && count === seen.rows.length;
  header().indeterminate = count > 0 && count < seen.rows.length;
  marked();
  explain();
  sized();
}
function paintCell(cell, row, column) {
  if (editor && editor.cell === cell) return;
  const state = stateOf(row, column), reason = reasonOf(row, column), edit = editOf(row, column), old = cellOf(row, column);
  const look = [state, reason, edit, old].join("\u0000");
  if (cell.dataset.look === look) return;
  cell.dataset.look = look;
  cell.className = [state, column.editable ? "" : "fixed"].join(" ").trim();
  cell.title = reason;
  cell.setAttribute("aria-invalid", state === "bad");
  cell.setAttribute("aria-readonly", !column.editable);
  cell.replaceChildren(...(edit === undefined ? [old] : [made("s", {}, old || "empty"), made("ins", {}, edit || "empty")]));
  const mark = {bad: "✗", good: "✓", wait: "…"}[state];
  if (mark) {
    const sign = made("span", {className: "mark"}, mark);
    sign.setAttribute("aria-hidden", "true");
    cell.append(sign, made("span", {className: "hidden"}, ` ${reason}`));
  }
}
function box() { // the marked block, corners included
  const other = corner ?? at;
  return {top: Math.min(at.row, other.row), low: Math.max(at.row, other.row), left: Math.min(at.column, other.column), right: Math.max(at.column, other.column)};
}
function marked() {
  const {top, low, left, right} = box();
  for (const cell of frame.querySelectorAll("td.range")) cell.classList.remove("range");
  for (const cell of frame.querySelectorAll('td[tabindex="0"]')) cell.tabIndex = -1;
  if (corner) for (let row = top; row <= low; row++) for (let column = left; column <= right; column++) place(row, column)?.classList.add("range");
  const cell = place(at.row, at.column);
  if (cell) cell.tabIndex = 0;
}
function explain() {
  const row = seen.rows[at.row], column = seen.columns[at.column];
  if (!row || !column || !isTouched) { why.textContent = seen.hint; return; }
  const reason = reasonOf(row, column), whole = wholeOf(row).map(told).join(" ");
  why.textContent = `${column.title}, ${row.name}: ${reason || "nothing wrong with this cell."}${whole ? ` Whole row: ${whole}` : ""}`;
}
function go(row, column, isRange = false) {
  const target = {row: Math.max(0, Math.min(seen.rows.length - 1, row)), column: Math.max(0, Math.min(seen.columns.length - 1, column))};
  if (isRange) corner ??= {...at}; else corner = null;
  at = target;
  marked();
  const cell = place(at.row, at.column);
  cell?.focus({preventScroll: true});
  cell?.scrollIntoView({block: "nearest", inline: "nearest"});
  explain();
}

function edit(first) {
  const cell = place(at.row, at.column), row = seen.rows[at.row], column = seen.columns[at.column];
  if (!column.editable || editor) return;
  const input = made("input", {className: "edit", value: first ?? (column.masked && editOf(row, column) === undefined ? "" : valueOf(row, column)), ariaLabel: `${column.title}, ${row.name}`});
  editor = {cell, row, column, input};
  cell.replaceChildren(input);
  input.focus();
  if (first === undefined) input.select();
  input.onblur = () => close(true);
}
function close(isKept) {
  if (!editor) return;
  const {cell, row, column, input} = editor, isWritten = input.value !== "" || !column.masked || editOf(row, column) !== undefined;
  editor = null;
  cell.dataset.look = "";
  if (isKept && isWritten) change([[row, column, input.value]]);
  paint();
}
frame.addEventListener("mousedown", event => {
  const cell = event.target.closest("td");
  if (!cell || isNarrow || cell.classList.contains("pick") || event.target.matches("input")) return;
  event.preventDefault();
  close(true);
  isTouched = true;
  go(cell.parentNode.sectionRowIndex, cell.cellIndex - 1, event.shiftKey);
  const drag = other => { const over = other.target.closest("td:not(.pick)"); if (over && other.buttons === 1) go(over.parentNode.sectionRowIndex, over.cellIndex - 1, true); };
  frame.addEventListener("mouseover", drag);
  addEventListener("mouseup", () => frame.removeEventListener("mouseover", drag), {once: true});
});
frame.addEventListener("dblclick", event => event.target.closest("td:not(.pick)") && !isNarrow && edit());
frame.addEventListener("focusin", event => { if (event.target.closest("td")) { isTouched = true; explain(); } });

frame.addEventListener("keydown", event => {
  const isControl = event.ctrlKey || event.metaKey, key = event.key, stepKeys = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-12, 0], PageDown: [12, 0]};
  if (isControl && (key === "Enter" || "jb".includes(key.toLowerCase()))) { event.preventDefault(); close(true); handOn(event); return; }
  if (isControl && "zy".includes(key.toLowerCase()) && !editor) {
    event.preventDefault();
    key.toLowerCase() === "y" || event.shiftKey ? step(undone, done) : step(done, undone);
    return paint();
  }
  if (isNarrow || event.target.matches("input[type=checkbox]")) return;
  if (editor) {
    if (!["Enter", "Escape", "Tab"].includes(key)) return;
    event.preventDefault();
    close(key !== "Escape");
    return key === "Escape" ? go(at.row, at.column) : key === "Enter" ? go(at.row + (event.shiftKey ? -1 : 1), at.column) : go(at.row, at.column + (event.shiftKey ? -1 : 1));
  }
  if (key in stepKeys) { event.preventDefault(); return go(at.row + stepKeys[key][0], at.column + stepKeys[key][1], event.shiftKey); }
  if (key === "Home" || key === "End") { event.preventDefault(); return go(isControl ? (key === "Home" ? 0 : seen.rows.length - 1) : at.row, key === "Home" ? 0 : seen.columns.length - 1, event.shiftKey); }
  if (key === " ") { event.preventDefault(); return pickUpTo(at.row, event.shiftKey); }
  if (key === "Enter" || key === "F2") { event.preventDefault(); return edit(); }
  if (key === "Delete" || key === "Backspace") { event.preventDefault(); change(block().map(([row, column]) => [row, column, ""])); return paint(); }
  if (key.length === 1 && !isControl && !event.altKey) { event.preventDefault(); edit(key); }
});
// Shortcuts of the page around: the frame would swallow them.
function handOn(event) {
  const {key, code, ctrlKey, metaKey} = event;
  parent.document.body.dispatchEvent(new KeyboardEvent("keydown", {key, code, ctrlKey, metaKey, bubbles: true, cancelable: true}));
}
function block() {
  const {top, low, left, right} = box(), cells = [];
  for (let row = top; row <= low; row++) for (let column = left; column <= right; column++) cells.push([seen.rows[row], seen.columns[column]]);
  return cells;
}
document.addEventListener("copy", event => {
  if (isNarrow || editor || !seen) return;
  const {top, low, left, right} = box(), lines = [];
  for (let row = top; row <= low; row++) lines.push(seen.columns.slice(left, right + 1).map(column => copied(valueOf(seen.rows[row], column))).join("\t"));
  event.clipboardData.setData("text/plain", lines.join("\n"));
  event.preventDefault();
});
document.addEventListener("paste", event => {
  if (isNarrow || editor || !seen) return;
  event.preventDefault();
  const lines = event.clipboardData.getData("text/plain").replace(/\r?\n$/, "").split(/\r?\n/).map(each => each.split("\t").map(pasted)), {top, left} = box();
  const isOne = lines.length === 1 && lines[0].length === 1;
  change(isOne ? block().map(([row, column]) => [row, column, lines[0][0]])
    : lines.flatMap((cells, down) => cells.map((text, across) => [seen.rows[top + down], seen.columns[left + across], text])).filter(([row, column]) => row && column));
  paint();
});

// ---- on a telephone: a card a row, what fails as inputs
function card(row) {
  const box = made("input", {type: "checkbox"});
  box.onchange = () => { pick([row], box.checked); paint(); };
  const fields = seen.columns.filter(column => column.editable && (row.bad[column.name] || editOf(row, column) !== undefined)).map(column => {
    const input = made("input", {type: "text", value: column.masked && editOf(row, column) === undefined ? "" : valueOf(row, column), placeholder: column.masked ? cellOf(row, column) : "empty"});
    input.onchange = () => { change([[row, column, input.value]]); paint(); };
    const field = made("label", {className: "field"}, column.title, input, made("small"));
    field.dataset.column = column.name;
    return field;
  });
  const facts = made("dl", {}, ...seen.columns.filter(column => cellOf(row, column)).flatMap(column => [made("dt", {}, column.title), made("dd", {}, cellOf(row, column))]));
  return made("div", {className: "card"}, made("label", {}, box, row.name), ...fields, made("details", {ontoggle: sized}, made("summary", {}, "All cells"), facts));
}
function paintCard(drawn, row) {
  drawn.classList.toggle("picked", picked.has(row.id));
  drawn.querySelector("input").checked = picked.has(row.id);
  for (const field of drawn.querySelectorAll(".field")) {
    const column = seen.columns.find(each => each.name === field.dataset.column), state = stateOf(row, column), edit = editOf(row, column);
    field.className = `field ${state}`;
    field.lastChild.textContent = `${{bad: "✗ ", good: "✓ "}[state] ?? ""}${reasonOf(row, column)}${edit === undefined ? "" : ` Was: ${cellOf(row, column) || "empty"}`}`;
    const input = field.querySelector("input");
    input.setAttribute("aria-invalid", state === "bad");
    if (document.activeElement !== input && edit !== undefined) input.value = edit;
  }
  why.textContent = "";
}
