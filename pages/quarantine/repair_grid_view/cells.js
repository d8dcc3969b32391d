"use strict";
// What the page knows: the rows that Python sent, what was typed and picked since, and what is said of each cell.
const made = (name, props = {}, ...inside) => {
  const element = Object.assign(document.createElement(name), props);
  element.append(...inside);
  return element;
};
let seen = null, edits = {}, picked = new Set(), done = [], undone = [];
const clone = value => JSON.parse(JSON.stringify(value));
const send = (type, more) => parent.postMessage({isStreamlitMessage: true, type: "streamlit:" + type, ...more}, "*");
// Always all of it: of messages that come faster than the page answers only the last arrives.
const tell = () => send("setComponentValue", {value: {grid: seen.grid, edits, picked: [...picked]}, dataType: "json"});

const cellOf = (row, column) => row.cells[column.name] ?? "";
const editOf = (row, column) => edits[row.id] && column.name in edits[row.id] ? edits[row.id][column.name] ?? "" : undefined;
const valueOf = (row, column) => editOf(row, column) ?? cellOf(row, column);

// What a spreadsheet would run gets an apostrophe on its way out, which it loses on its way back (pipeline/privacy/spreadsheet_text.py says which).
const runsAsFormula = text => /^[\t\r\n\0]/.test(text) || /^[\p{C}\p{Z}]*[=+@-]/u.test(text.normalize("NFKC").replaceAll("\u2212", "-"));
const copied = text => (runsAsFormula(text) ? "'" : "") + text.replace(/[\t\r\n]+/g, " ");
const pasted = text => text.startsWith("'") && runsAsFormula(text.slice(1)) ? text.slice(1) : text;

function stateOf(row, column) {
  const edit = editOf(row, column), known = seen.edits[row.id], verdict = seen.verdicts[row.id];
  if (edit !== undefined && (!known || (known[column.name] ?? "") !== edit)) return "wait";
  if (verdict && !hasUnjudged(row)) return verdict[column.name] ? "bad" : edit === undefined ? "" : "good";
  return edit !== undefined ? "wait" : row.bad[column.name] ? "bad" : "";
}
const hasUnjudged = row => JSON.stringify(edits[row.id] ?? {}) !== JSON.stringify(seen.edits[row.id] ?? {});

function rulesOf(row, column) {
  const verdict = !hasUnjudged(row) && seen.verdicts[row.id];
  return (verdict || row.bad)[column.name] ?? [];
}
function reasonOf(row, column) {
  const state = stateOf(row, column);
  if (state === "bad") return rulesOf(row, column).map(told).join(" ");
  return {good: "Would pass.", wait: hasUnjudged(row) ? "Being judged." : "The build judges it."}[state] ?? "";
}
// What concerns no cell of the row, but all of it.
const wholeOf = row => (!hasUnjudged(row) && seen.verdicts[row.id]?.[""]) || row.whole;
const told = rule => `${rule} ${seen.rules[rule] ?? ""}`;

// A cell that shows its old value again is no edit; neither is a mask that was copied.
function change(cells) {
  const before = clone(edits);
  for (const [row, column, text] of cells) {
    if (!column.editable) continue;
    const value = text.replace(/[\r\n\t]+/g, " ").trim();
    const isMask = column.masked && row.cells[column.name] && seen.rows.some(each => each.cells[column.name] === value);
    if (value === cellOf(row, column) || isMask) {
      if (edits[row.id]) delete edits[row.id][column.name];
      if (edits[row.id] && !Object.keys(edits[row.id]).length) delete edits[row.id];
    } else (edits[row.id] ??= {})[column.name] = value || null;
  }
  if (JSON.stringify(before) === JSON.stringify(edits)) return;
  done.push(before);
  undone = [];
  tell();
}

function step(from, to) {
  if (!from.length) return;
  to.push(clone(edits));
  edits = from.pop();
  tell();
}

function pick(rows, isPicked) {
  for (const row of rows) isPicked ? picked.add(row.id) : picked.delete(row.id);
  tell();
}
