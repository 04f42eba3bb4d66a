// One view for all explorers: draws what the state in Python says, and sends back what the reader does.
// Nothing is computed here. A message is {name, value}; the answer is a new `view`.

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}

// ── controls: made once, so that typing is never disturbed; later only brought up to date ──

function makeControl(control, send) {
  const id = `explorer-${control.name}-${Math.random().toString(36).slice(2)}`;
  let input;
  if (control.kind === "select") {
    input = element("select", { id }, ...control.choices.map((c) => element("option", { value: c }, c)));
  } else if (control.kind === "check") {
    input = element("input", { id, type: "checkbox" });
  } else if (control.kind === "range") {
    input = element("input", { id, type: "range", min: control.min, max: control.max, step: 1 });
  } else {
    input = element("input", { id, type: "text", spellcheck: "false", autocomplete: "off" });
  }
  const value = () => (control.kind === "check" ? input.checked : control.kind === "range" ? +input.value : input.value);
  input.addEventListener("input", () => send(control.name, value()));
  const number = control.kind === "range" ? element("output", { for: id }) : null;
  const error = element("span", { class: "explorer-error", id: `${id}-error`, role: "status" });
  input.setAttribute("aria-describedby", error.id);
  const box = element("div", { class: "explorer-control" }, element("label", { for: id }, control.label), input);
  if (number) box.append(number);
  box.append(error);
  const update = (now) => {
    if (control.kind === "check") input.checked = now.value;
    else if (control.kind === "range") [input.min, input.max] = [now.min, now.max];
    if (control.kind !== "check" && document.activeElement !== input) input.value = now.value;
    if (number) number.textContent = now.value;
    error.textContent = now.error ? `✗ ${now.error}` : "";
    input.setAttribute("aria-invalid", now.error ? "true" : "false");
  };
  return { box, update };
}

// ── blocks: what is to be seen ──

function drawCell(cell, send) {
  const td = element(cell.mark === "head" ? "th" : "td", { class: `explorer-cell explorer-${cell.mark || "plain"}` });
  if (cell.edit) {
    const input = element("input", { type: "number", value: cell.text, "aria-label": cell.label || cell.edit, "data-key": cell.edit });
    input.addEventListener("input", () => send(cell.edit, input.value));
    input.addEventListener("focus", () => send("focus", cell.edit));
    td.append(input);
  } else if (cell.pick !== null) {
    const button = element("button", { type: "button", "data-key": JSON.stringify(cell.pick), "aria-label": cell.label || cell.text }, cell.text);
    if (cell.pressed !== undefined) button.setAttribute("aria-pressed", cell.pressed);
    button.addEventListener("click", () => send("pick", cell.pick));
    button.addEventListener("focus", () => send("pick", cell.pick));
    td.append(button);
  } else {
    td.append(cell.text);
  }
  return td;
}

function drawGrid(block, send) {
  const table = element("table", { class: "explorer-grid" }, element("caption", {}, block.title));
  for (const cells of block.cells) table.append(element("tr", {}, ...cells.map((c) => drawCell(c, send))));
  // Arrow keys walk from button to button, as in a spreadsheet.
  table.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const td = event.target.closest("td");
    if (!step || !td || event.target.tagName !== "BUTTON") return;
    const next = table.rows[td.parentNode.rowIndex + step[0]]?.cells[td.cellIndex + step[1]]?.querySelector("button");
    event.preventDefault();
    event.stopPropagation();
    next?.focus();
  });
  return element("div", { class: "explorer-scroll" }, table);
}

// A stack of pictures; whatever the slice leaves out is faint and crossed by the page's own colour.
function drawStack(block) {
  const box = element("div", { class: "explorer-stack", role: "img", "aria-label": block.alt });
  const bytes = Uint8Array.from(atob(block.data), (c) => c.charCodeAt(0));
  const [count, height, width] = block.shape;
  const lit = block.lit.map((places) => new Set(places));
  for (let n = 0; n < count; n++) {
    const canvas = element("canvas", { width, height });
    const context = canvas.getContext("2d");
    const pixels = context.createImageData(width, height);
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        const at = i * width + j;
        const on = lit[0].has(n) && lit[1].has(i) && lit[2].has(j);
        const ink = 255 - bytes[n * height * width + at];
        // lit: black on pale orange; not lit: faint grey on grey
        pixels.data.set(on ? [ink, ink * 0.88, ink * 0.6, 255] : [150 + ink * 0.2, 150 + ink * 0.2, 150 + ink * 0.2, 255], 4 * at);
      }
    }
    context.putImageData(pixels, 0, 0);
    box.append(element("figure", { class: lit[0].has(n) ? "explorer-lit" : "" }, canvas, element("figcaption", {}, lit[0].has(n) ? `${n} ✓` : `${n}`)));
  }
  return box;
}

function drawBlock(block, send) {
  if (block.kind === "grid") return drawGrid(block, send);
  if (block.kind === "stack") return drawStack(block);
  if (block.kind === "row") return element("div", { class: "explorer-row" }, ...block.blocks.map((b) => drawBlock(b, send)));
  if (block.style === "code") return element("pre", { class: "explorer-code" }, block.text);
  return element("p", { class: `explorer-${block.style}` }, block.text);
}

function render({ model, el }) {
  const send = (name, value) => model.send({ name, value });
  const controls = element("div", { class: "explorer-controls" });
  const blocks = element("div", { class: "explorer-blocks", "aria-live": "polite" });
  const root = element("section", { class: "explorer" }, controls, blocks);
  // JupyterLab's shortcuts must not see what is typed here.
  root.addEventListener("keydown", (event) => event.key !== "Escape" && event.stopPropagation());
  el.append(root);
  const known = new Map();

  const draw = () => {
    const view = model.get("view");
    root.setAttribute("aria-label", view.label);
    for (const control of view.controls) {
      if (!known.has(control.name)) {
        known.set(control.name, makeControl(control, send));
        controls.append(known.get(control.name).box);
      }
      known.get(control.name).update(control);
    }
    const focus = blocks.contains(document.activeElement) ? document.activeElement : null;
    const key = focus?.dataset.key;
    if (focus?.tagName === "INPUT") {
      updateAround(blocks, view.blocks, send); // somebody is typing in a cell: leave that cell alone
    } else {
      blocks.replaceChildren(...view.blocks.map((b) => drawBlock(b, send)));
      if (key) refocus(blocks, key);
    }
  };

  model.on("change:view", draw);
  draw();
  return () => model.off("change:view", draw);
}

function refocus(blocks, key) {
  const again = [...blocks.querySelectorAll("[data-key]")].find((node) => node.dataset.key === key);
  again?.focus({ preventScroll: true });
}

// Put new blocks beside the ones in the page, keeping the very input that has the focus.
function updateAround(blocks, fresh, send) {
  const focus = document.activeElement;
  const drawn = fresh.map((b) => drawBlock(b, send));
  const holder = element("div", {}, ...drawn);
  const again = [...holder.querySelectorAll("input[data-key]")].find((node) => node.dataset.key === focus.dataset.key);
  if (!again) return blocks.replaceChildren(...drawn);
  const [before, after] = [focus.closest("td"), again.closest("td")];
  before.className = after.className;
  // Everything but the focused cell is taken from the new drawing.
  const oldCells = [...blocks.querySelectorAll("td, th")];
  const newCells = [...holder.querySelectorAll("td, th")];
  oldCells.forEach((cell, i) => cell !== before && newCells[i] && cell.replaceWith(newCells[i]));
  const oldWords = [...blocks.querySelectorAll("p, pre")];
  const newWords = [...holder.querySelectorAll("p, pre")];
  oldWords.forEach((words, i) => newWords[i] && words.replaceWith(newWords[i]));
}

export default { render };
