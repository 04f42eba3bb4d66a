// A pad to draw on, by mouse, finger, pen or keys. Joined to explorer.js by base.py.
// The page draws the ink at once and sends the whole drawing while it grows; Python says what it makes of it. Clearing
// and taking back are done here too, so that they never have to wait for a kernel that is busy.

const CELLS = 14; // keys move the pen on a grid of so many places a side
const NEAR = 0.01; // a point so near to the one before it adds nothing to see
const PAUSE = 150; // ms between messages while the pen is down, so that none stands in the way of the last one

class Pad {
  constructor(send) {
    [this.send, this.strokes, this.drawing, this.keys, this.draws, this.timer] = [send, [], false, false, 0, null];
    this.cell = [CELLS / 2, CELLS / 2]; // column and row of the keys' cursor
    this.canvas = element("canvas", { role: "application", tabindex: 0, class: "explorer-ink" });
    this.card = element("div", { class: "explorer-card" }, this.canvas);
    this.says = element("p", { role: "status", class: "explorer-pad-says" });
    const press = (label, action) => {
      const button = element("button", { type: "button", class: "explorer-press" }, label);
      button.addEventListener("click", action);
      return button;
    };
    const buttons = element("div", { class: "explorer-buttons" }, press("clear", () => this.clear()), press("undo last stroke", () => this.undo()));
    const help = element("p", { class: "explorer-pad-help" }, "Draw with mouse, finger or pen. By keys: arrows move, Space lowers and lifts the pen, Backspace undoes.");
    this.node = element("figure", { class: "explorer-plot explorer-pad" }, element("figcaption", {}), this.card, buttons, help, this.says);
    this.node.plot = this;
    this.listen();
  }

  update(block) {
    this.block = block;
    this.node.firstChild.textContent = block.title;
    this.canvas.setAttribute("aria-label", `${block.alt} Arrow keys move, Space lowers and lifts the pen, Backspace undoes.`);
    this.node.style.width = `${block.size}px`;
    if (this.canvas.width !== block.size * RATIO) this.canvas.width = this.canvas.height = block.size * RATIO;
    // The hand may be further on than Python's answer: then what is on the page stays.
    if (!this.drawing && this.send.newest(block.name) === undefined) this.strokes = block.strokes.map((s) => [...s]);
    this.draw();
  }

  draw() {
    const c = this.canvas.getContext("2d");
    const { size, pen } = this.block;
    this.canvas.dataset.draws = ++this.draws;
    c.setTransform(size * RATIO, 0, 0, size * RATIO, 0, 0); // from here on in widths of the pad
    c.clearRect(0, 0, 1, 1);
    [c.strokeStyle, c.lineWidth, c.lineCap, c.lineJoin] = [COLOURS.ink, pen, "round", "round"];
    for (const [first, ...rest] of this.strokes) {
      c.beginPath();
      c.moveTo(...first);
      for (const point of rest.length ? rest : [first]) c.lineTo(...point);
      c.stroke();
    }
    if (!this.keys) return;
    c.beginPath(); // the keys' cursor: a ring, thick while the pen is down
    c.arc(...this.place(), pen / 2, 0, 7);
    [c.strokeStyle, c.lineWidth] = [COLOURS.orange, this.drawing ? 0.03 : 0.012];
    c.stroke();
  }

  // ── the drawing ──

  begin(point) {
    if (this.strokes.length >= this.block.most.strokes || this.full()) return this.say("The pad is full: clear it.");
    this.drawing = true;
    this.strokes.push([point]);
    this.changed();
  }

  // Go on to a point; `last` if the pen is lifted there, so that it counts even if it is near.
  extend(point, last = false) {
    const stroke = this.strokes.at(-1);
    const far = Math.hypot(point[0] - stroke.at(-1)[0], point[1] - stroke.at(-1)[1]);
    if (far === 0 || (far < NEAR && !last) || this.full()) return;
    stroke.push(point);
    this.changed();
  }

  lift() {
    this.drawing = false;
    if (this.timer !== null) this.tell();
  }

  clear() {
    [this.strokes, this.drawing] = [[], false];
    this.changed();
    this.say("The pad is empty.");
  }

  undo() {
    this.drawing = false;
    this.strokes.pop();
    this.changed();
    this.say(`Strokes left: ${this.strokes.length}.`);
  }

  changed() {
    this.draw();
    if (this.drawing) this.timer ??= setTimeout(() => this.tell(), PAUSE);
    else this.tell();
  }

  tell() {
    clearTimeout(this.timer);
    this.timer = null;
    this.send(this.block.name, this.strokes);
  }

  full() {
    return this.strokes.reduce((sum, stroke) => sum + stroke.length, 0) >= this.block.most.points;
  }

  say(words) {
    this.says.textContent = words;
  }

  // ── the hand ──

  listen() {
    const { canvas } = this;
    let pointer = null; // the one that draws: a second finger, or a resting palm, does not
    const at = (event) => {
      const box = canvas.getBoundingClientRect();
      const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
      return [rounded(x), rounded(y)];
    };
    const lift = (event) => {
      if (event.pointerId !== pointer) return;
      pointer = null;
      if (this.drawing && event.type === "pointerup") this.extend(at(event), true);
      this.lift();
    };
    canvas.addEventListener("pointerdown", (event) => {
      if (pointer !== null || event.button !== 0) return;
      pointer = event.pointerId;
      canvas.setPointerCapture(pointer);
      canvas.focus({ preventScroll: true });
      event.preventDefault();
      this.keys = false;
      this.lift(); // keys may have left it down
      this.say("");
      this.begin(at(event));
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerId !== pointer || !this.drawing) return;
      const events = event.getCoalescedEvents?.() ?? []; // a fast hand makes several a frame
      for (const each of events.length ? events : [event]) this.extend(at(each));
    });
    for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) canvas.addEventListener(type, lift);
    canvas.addEventListener("keydown", (event) => pointer === null && this.key(event));
    canvas.addEventListener("focus", () => {
      this.keys = canvas.matches(":focus-visible");
      this.draw();
    });
    canvas.addEventListener("blur", () => {
      this.keys = false;
      this.lift();
      this.draw();
    });
  }

  // ── the keys ──

  place() {
    return this.cell.map((n) => rounded((n + 0.5) / CELLS));
  }

  key(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey || (!step && ![" ", "Enter", "Backspace"].includes(event.key))) return;
    event.preventDefault();
    this.keys = true;
    if (event.key === "Backspace") return this.undo();
    if (step) {
      this.cell = this.cell.map((n, i) => Math.min(CELLS - 1, Math.max(0, n + step[i])));
      if (this.drawing) this.extend(this.place());
    } else if (this.drawing) this.lift();
    else this.begin(this.place());
    this.draw();
    if (!this.full()) this.say(`Pen ${this.drawing ? "down" : "up"}, row ${this.cell[1] + 1}, column ${this.cell[0] + 1} of ${CELLS}.`);
  }
}

// A place on the pad, never beside it, in thousandths: finer than anything to be seen.
const rounded = (n) => Math.round(1000 * Math.min(1, Math.max(0, n))) / 1000;
