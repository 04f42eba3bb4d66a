// One view for all explorers: draws what the state in Python says, and sends back what the reader does.
// Nothing is computed here. A message is {name, value}; the answer is a new `view`. Plots and players are in plot.js.

function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}

// ── controls: made once, so that typing is never disturbed; later only brought up to date ──

function makeControl(control, send, move) {
  const id = `explorer-${control.name}-${Math.random().toString(36).slice(2)}`;
  const label = element("label", { for: id }, control.label);
  if (control.kind === "player") {
    const player = makePlayer(id, move);
    return { box: element("div", { class: "explorer-control explorer-player" }, label, ...player.parts), ...player };
  }
  if (control.kind === "button") {
    const button = element("button", { type: "button", class: "explorer-press" }, control.label);
    button.addEventListener("click", () => send.each(control.name, true));
    const update = (now) => {
      button.textContent = now.label;
      button.disabled = !now.value;
    };
    return { box: element("div", { class: "explorer-control" }, button), update };
  }
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
  const box = element("div", { class: "explorer-control" }, label, input);
  if (number) box.append(number);
  box.append(error);
  const update = (now) => {
    label.textContent = now.label;
    if (control.kind === "check") input.checked = now.value;
    else if (control.kind === "range") [input.min, input.max] = [now.min, now.max];
    if (control.kind !== "check" && document.activeElement !== input) input.value = now.value;
    if (number) {
      number.textContent = now.text ?? now.value;
      input.setAttribute("aria-valuetext", number.textContent);
    }
    error.textContent = now.error ? `✗ ${now.error}` : "";
    input.setAttribute("aria-invalid", now.error ? "true" : "false");
  };
  return { box, update };
}

// ── blocks: what is to be seen ──

function drawCell(cell, send) {
  const td = element(cell.mark === "head" ? "th" : "td", { class: `explorer-cell explorer-${cell.mark || "plain"}` });
  if (cell.edit) {
    const input = element("input", { type: cell.type || "number", step: "any", value: cell.text, "aria-label": cell.label || cell.edit, "data-key": cell.edit });
    input.addEventListener("input", () => send(cell.edit, input.value));
    if (!cell.type) input.addEventListener("focus", () => send("focus", cell.edit));
    td.append(input);
  } else if (cell.pick !== null) {
    const button = element("button", { type: "button", "data-key": JSON.stringify(cell.pick), "aria-label": cell.label || cell.text }, cell.text);
    if (cell.pressed !== undefined) button.setAttribute("aria-pressed", cell.pressed);
    button.addEventListener("click", () => send("pick", cell.pick));
    if (cell.pressed !== undefined) button.addEventListener("focus", () => refocusing || send("pick", cell.pick));
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

// Bars from 0 to 1, each with its label before it and its number behind.
function drawBars(block) {
  const table = element("table", { class: "explorer-bars" }, element("caption", {}, block.title));
  block.values.forEach((value, i) => {
    const bar = element("div", { class: i === block.best ? "explorer-bar explorer-best" : "explorer-bar" });
    bar.style.width = `${100 * value}%`;
    const cells = [element("th", { scope: "row" }, block.labels[i]), element("td", {}, bar), element("td", {}, block.texts[i])];
    table.append(element("tr", {}, ...cells));
  });
  return table;
}

// Small pictures with captions, grey or red, green and blue; those with a `pick` are buttons.
function drawPictures(block, send) {
  const box = element("div", { class: "explorer-pictures" });
  const [count, height, width, channels = 1] = block.images.shape;
  const bytes = unpack(block.images);
  for (let n = 0; n < count; n++) {
    const canvas = element("canvas", { width, height, role: "img", "aria-label": block.alts[n] });
    const pixels = new ImageData(width, height);
    for (let i = 0; i < height * width; i++) {
      const at = (n * height * width + i) * channels;
      const grey = [bytes[at], bytes[at], bytes[at]];
      pixels.data.set([...(channels === 3 ? bytes.subarray(at, at + 3) : grey), 255], 4 * i);
    }
    canvas.getContext("2d").putImageData(pixels, 0, 0);
    canvas.style.width = `${block.width}px`;
    const figure = element("figure", {}, canvas, element("figcaption", {}, block.captions[n]));
    if (block.pick) {
      const button = element("button", { type: "button", "data-key": `${block.pick}:${n}` }, figure);
      if (block.chosen !== undefined) button.setAttribute("aria-pressed", n === block.chosen);
      button.addEventListener("click", () => send(block.pick, n));
      box.append(button);
    } else box.append(figure);
  }
  return element("div", {}, element("p", { class: "explorer-title" }, block.title), box);
}

// Words with `code`, **weight** and *stress*, as in a notebook's text.
function rich(words) {
  const tags = { "`": ["code", 1], "**": ["strong", 2], "*": ["em", 1] };
  return words.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^\s*][^*]*\*)/).map((part) => {
    const [tag, width] = tags[/^(`|\*\*?)/.exec(part)?.[0]] ?? [];
    return tag ? element(tag, {}, part.slice(width, -width)) : part;
  });
}

// A question's choices: buttons; each that was tried has a sign and its reason.
function drawChoices(block, send) {
  const list = element("ul", { class: "explorer-choices" });
  block.choices.forEach((choice, i) => {
    const sign = choice.sign && element("span", { class: "explorer-sign", "aria-label": choice.sign === "✓" ? "right" : "wrong" }, choice.sign);
    const button = element("button", { type: "button", class: "explorer-press", "data-key": `${block.name}:${i}` }, sign, ...rich(choice.text));
    button.addEventListener("click", () => send.each(block.name, i));
    const reason = choice.reason && element("span", { class: "explorer-reason" }, ...rich(choice.reason));
    list.append(element("li", {}, button, reason));
  });
  return list;
}

function drawBlock(block, send, positions) {
  if (block.kind === "choices") return drawChoices(block, send);
  if (block.kind === "grid") return drawGrid(block, send);
  if (block.kind === "stack") return drawStack(block);
  if (block.kind === "bars") return drawBars(block);
  if (block.kind === "pictures") return drawPictures(block, send);
  if (["plot", "readout", "pad"].includes(block.kind)) {
    const made = block.kind === "plot" ? new Plot(send, positions) : block.kind === "pad" ? new Pad(send) : new Readout(positions);
    made.update(block);
    return made.node;
  }
  if (block.kind === "row") {
    const row = element("div", { class: "explorer-row" });
    place(row, block.blocks, send, positions);
    return row;
  }
  if (block.style === "code") return element("pre", { class: "explorer-code" }, block.text);
  return element("p", { class: `explorer-${block.style}` }, ...(block.style === "prompt" ? rich(block.text) : [block.text]));
}

// Put blocks into a box. Plots stay and are brought up to date, so that what is being dragged stays in the hand.
function place(box, blocks, send, positions) {
  blocks.forEach((block, i) => {
    const old = box.children[i];
    const same = old?.drawn?.kind === block.kind;
    if (same && old.plot) old.plot.update(block);
    else if (same && block.kind === "row") place(old, block.blocks, send, positions);
    else if (same && block.kind === "grid" && isTypedIn(old)) updateAround(old, drawBlock(block, send));
    else {
      const fresh = drawBlock(block, send, positions);
      if (old) old.replaceWith(fresh);
      else box.append(fresh);
    }
    box.children[i].drawn = block;
  });
  while (box.children.length > blocks.length) box.lastChild.remove();
}

// One message of a name at a time: while Python is busy with it, only the newest value waits, so that a fast hand
// never leaves the page behind. `lost` is called when nobody is there any more to be told.
function makeSender(model, lost) {
  const [waiting, busy] = [new Map(), new Set()];
  const deliver = (message) => {
    try {
      model.send(message);
    } catch {
      lost();
    }
  };
  const send = (name, value) => {
    if (busy.has(name)) return waiting.set(name, value);
    busy.add(name);
    deliver({ name, value });
  };
  send.each = (name, value) => deliver({ name, value }); // every press of a button counts
  send.newest = (name) => waiting.get(name); // what Python has not been told yet
  const answered = () => {
    busy.clear();
    const next = [...waiting];
    waiting.clear();
    for (const [name, value] of next) send(name, value);
  };
  return { send, answered };
}

function render({ model, el }) {
  const note = element("p", { class: "explorer-warn", role: "alert" });
  const { send, answered } = makeSender(model, () => {
    note.textContent = "✗ The kernel was restarted, and this picture is what is left. Run the cell again.";
  });
  const controls = element("div", { class: "explorer-controls" });
  const blocks = element("div", { class: "explorer-blocks", "aria-live": "polite" });
  const root = element("section", { class: "explorer" }, controls, note, blocks);
  // JupyterLab's shortcuts must not see what is typed here.
  root.addEventListener("keydown", (event) => event.key !== "Escape" && event.stopPropagation());
  el.append(root);
  const known = new Map();
  const positions = new Map(); // where each player stands

  const move = (name, position, quietly) => {
    positions.set(name, position);
    if (quietly) return;
    const walk = (node) => (node.plot ? node.plot.draw() : node.drawn?.kind === "row" && [...node.children].forEach(walk));
    [...blocks.children].forEach(walk);
  };

  const draw = () => {
    const view = model.get("view");
    root.setAttribute("aria-label", view.label);
    for (const control of view.controls) {
      if (!known.has(control.name)) {
        known.set(control.name, makeControl(control, send, move));
        controls.append(known.get(control.name).box);
      }
      known.get(control.name).update(control);
    }
    const focus = blocks.contains(document.activeElement) ? document.activeElement : null;
    const key = focus?.dataset.key;
    place(blocks, view.blocks, send, positions);
    if (key && document.activeElement !== focus) refocus(blocks, key);
    answered();
  };

  model.on("change:view", draw);
  draw();
  return () => {
    model.off("change:view", draw);
    for (const control of known.values()) control.stop?.();
  };
}

let refocusing = false; // the page gives the focus back: nobody picked anything, and telling Python would never end

function refocus(blocks, key) {
  const again = [...blocks.querySelectorAll("[data-key]")].find((node) => node.dataset.key === key);
  refocusing = true;
  again?.focus({ preventScroll: true });
  refocusing = false;
}

const isTypedIn = (box) => document.activeElement?.tagName === "INPUT" && box.contains(document.activeElement);

// Bring a table up to date but for the very cell that somebody is typing in.
function updateAround(box, fresh) {
  const typed = document.activeElement.closest("td");
  const cells = [...fresh.querySelectorAll("td, th")];
  box.querySelectorAll("td, th").forEach((cell, i) => {
    if (cell === typed) cell.className = cells[i].className;
    else if (cells[i]) cell.replaceWith(cells[i]);
  });
}

export default { render };
