// Plots on a canvas, and players that move through their frames. Joined to explorer.js by base.py.
// A mark's numbers come as packed arrays whose first axes run along the players named in `along`; the page picks (or
// blends) the frames, and computes nothing else.

const COLOURS = {
  blue: "#0072b2", orange: "#9a6400", green: "#00805d", vermilion: "#b94a00", purple: "#a8497b", sky: "#2478ab", ink: "#1a1a1a", grey: "#6b6b6b", pale: "#949494",
};
const HEIGHTS = [[168, 210, 234], [197, 224, 240], [226, 239, 246], [250, 247, 236], [248, 232, 204], [243, 214, 171]]; // low to high
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// ── arrays ──

const unpacked = new WeakMap();
function unpack(packed) {
  if (!unpacked.has(packed)) {
    const bytes = Uint8Array.from(atob(packed.data), (c) => c.charCodeAt(0));
    unpacked.set(packed, packed.dtype === "uint8" ? bytes : new Float32Array(bytes.buffer));
  }
  return unpacked.get(packed);
}

// The numbers of a mark where the players stand now; between two frames, a blend of both.
function sample(packed, along, positions) {
  const numbers = unpack(packed);
  const size = packed.shape.slice(along.length).reduce((a, b) => a * b, 1);
  let frames = [[0, 1]]; // [number of the frame, weight]
  along.forEach((name, axis) => {
    const count = packed.shape[axis];
    const position = Math.min(positions.get(name), count - 1);
    const before = Math.floor(position);
    const part = position - before;
    frames = frames.flatMap(([frame, weight]) => {
      const here = [frame * count + before, weight * (1 - part)];
      return part ? [here, [frame * count + before + 1, weight * part]] : [here];
    });
  });
  if (frames.length === 1) return numbers.subarray(frames[0][0] * size, (frames[0][0] + 1) * size);
  const blend = new Float32Array(size);
  for (const [frame, weight] of frames) for (let i = 0; i < size; i++) blend[i] += weight * numbers[frame * size + i];
  return blend;
}

// What a list of one thing a frame says now; anything else says the same in all frames.
const now = (thing, along, positions) => (Array.isArray(thing) ? thing[Math.min(Math.floor(positions.get(along)), thing.length - 1)] : thing);

// ── a plot ──

const RATIO = 2; // canvas pixels to a page's pixel: sharp on a good screen and a projector

class Plot {
  constructor(send, positions) {
    [this.send, this.positions, this.handles, this.draws] = [send, positions, new Map(), 0];
    this.canvas = element("canvas", { role: "img" });
    this.card = element("div", { class: "explorer-card" }, this.canvas);
    this.node = element("figure", { class: "explorer-plot" }, element("figcaption", {}), this.card);
    this.node.plot = this;
  }

  update(block) {
    this.block = block;
    this.node.firstChild.textContent = block.title;
    this.canvas.setAttribute("aria-label", block.alt);
    this.card.style.width = `${block.width}px`;
    if (this.canvas.width !== block.width * RATIO || this.canvas.height !== block.height * RATIO) {
      [this.canvas.width, this.canvas.height] = [block.width * RATIO, block.height * RATIO];
    }
    const [left, right, top, bottom] = block.axes ? [46, 12, 10, 38] : [4, 4, 4, 4];
    this.frame = { left, top, width: block.width - left - right, height: block.height - top - bottom };
    for (const handle of block.handles) {
      if (!this.handles.has(handle.name)) this.handles.set(handle.name, this.makeHandle(handle.name));
      handle.at = this.send.newest(handle.name) ?? handle.at; // the hand may be further on than Python's answer
      this.placeHandle(handle);
    }
    this.draw();
  }

  // from the plot's numbers to the page's pixels, and back
  px(x) { const [low, high] = this.block.x; return this.frame.left + ((x - low) / (high - low)) * this.frame.width; }
  py(y) { const [low, high] = this.block.y; return this.frame.top + ((high - y) / (high - low)) * this.frame.height; }
  back(px, py) {
    const { x: [x0, x1], y: [y0, y1] } = this.block;
    const [u, v] = [(px - this.frame.left) / this.frame.width, (py - this.frame.top) / this.frame.height];
    return [x0 + Math.min(1, Math.max(0, u)) * (x1 - x0), y1 - Math.min(1, Math.max(0, v)) * (y1 - y0)];
  }

  // A mark's points in pixels: [x, y, depth]. Three coordinates are turned to the camera's side first.
  points(mark) {
    const numbers = sample(mark.at, mark.along, this.positions);
    const size = mark.at.shape.at(-1);
    const result = [];
    const angle = size === 3 ? (this.positions.get(this.block.turn) * Math.PI) / 180 : 0;
    for (let i = 0; i < numbers.length; i += size) {
      let [x, y, depth] = [numbers[i], numbers[i + 1], 0];
      if (size === 3) {
        const z = numbers[i + 2];
        [x, depth] = [x * Math.cos(angle) + z * Math.sin(angle), z * Math.cos(angle) - x * Math.sin(angle)];
        [y, depth] = [y * 0.94 - depth * 0.34, depth * 0.94 + y * 0.34]; // seen from 20° above
      }
      result.push([this.px(x), this.py(y), depth]);
    }
    return result;
  }

  draw() {
    const { block, frame, canvas } = this;
    const c = canvas.getContext("2d");
    canvas.dataset.draws = ++this.draws;
    c.setTransform(RATIO, 0, 0, RATIO, 0, 0);
    c.clearRect(0, 0, block.width, block.height);
    c.save();
    c.beginPath();
    c.rect(frame.left, frame.top, frame.width, frame.height);
    c.clip();
    for (const mark of block.marks) {
      c.save();
      c.strokeStyle = c.fillStyle = COLOURS[mark.color] || COLOURS.ink;
      c.globalAlpha = mark.opacity ?? 1;
      this[mark.kind](c, mark);
      c.restore();
    }
    c.restore();
    if (block.axes) this.axes(c);
  }

  axes(c) {
    const { block, frame } = this;
    c.strokeStyle = COLOURS.grey;
    c.strokeRect(frame.left, frame.top, frame.width, frame.height);
    c.fillStyle = COLOURS.ink;
    c.font = "12px sans-serif";
    c.textAlign = "center";
    for (const [at, label] of block.axes.x) c.fillText(label, this.px(at), frame.top + frame.height + 14);
    c.fillText(block.xlabel, frame.left + frame.width / 2, block.height - 6);
    c.textAlign = "right";
    for (const [at, label] of block.axes.y) c.fillText(label, frame.left - 5, this.py(at) + 4);
    c.save();
    c.translate(12, frame.top + frame.height / 2);
    c.rotate(-Math.PI / 2);
    c.textAlign = "center";
    c.fillText(block.ylabel, 0, 0);
    c.restore();
  }

  // ── marks ──

  image(c, mark) {
    const [rows, columns] = mark.levels.shape;
    if (this.pictured !== mark.levels.data) { // each answer brings a new object, mostly with the same picture
      this.pictured = mark.levels.data;
      this.picture = element("canvas", { width: columns, height: rows });
      const pixels = new ImageData(columns, rows);
      unpack(mark.levels).forEach((level, i) => {
        const place = (level / 255) * (HEIGHTS.length - 1);
        const low = HEIGHTS[Math.floor(place)];
        const high = HEIGHTS[Math.ceil(place)];
        pixels.data.set([0, 1, 2].map((k) => low[k] + (high[k] - low[k]) * (place % 1)).concat(255), 4 * i);
      });
      this.picture.getContext("2d").putImageData(pixels, 0, 0);
    }
    const { frame } = this;
    c.drawImage(this.picture, frame.left, frame.top, frame.width, frame.height);
  }

  line(c, mark) {
    let points = this.points(mark);
    if (mark.grow) points = points.slice(0, Math.floor(this.positions.get(mark.grow)) + 1);
    c.lineWidth = mark.width;
    c.lineJoin = "round";
    c.setLineDash(mark.dash);
    c.beginPath();
    let pen = false; // a point that is not a number lifts the pen
    for (const [x, y] of points) {
      if (Number.isNaN(x + y)) pen = false;
      else if (pen) c.lineTo(x, y);
      else { c.moveTo(x, y); pen = true; }
    }
    if (mark.rim) {
      c.save();
      [c.strokeStyle, c.lineWidth] = ["white", mark.width + 2.5];
      c.stroke();
      c.restore();
    }
    c.stroke();
  }

  scatter(c, mark) {
    const points = this.points(mark).map((p, i) => [...p, i]);
    if (mark.at.shape.at(-1) === 3) points.sort((a, b) => a[2] - b[2]); // what is near is drawn last
    for (const [x, y, , i] of points) {
      const group = mark.groups ? mark.groups[i] : 0;
      c.fillStyle = COLOURS[mark.colors[group]];
      shape(c, mark.shapes[group], x, y, mark.size);
    }
  }

  arrow(c, mark) {
    const [[x0, y0], [x1, y1]] = this.points(mark);
    const length = Math.hypot(x1 - x0, y1 - y0);
    if (!(length > 0.5)) return;
    const head = Math.min(11, length);
    const [u, v] = [(x1 - x0) / length, (y1 - y0) / length];
    c.lineWidth = mark.width;
    c.beginPath();
    c.moveTo(x0, y0);
    c.lineTo(x1 - u * head * 0.8, y1 - v * head * 0.8);
    c.stroke();
    c.beginPath();
    c.moveTo(x1, y1);
    c.lineTo(x1 - u * head - v * head * 0.45, y1 - v * head + u * head * 0.45);
    c.lineTo(x1 - u * head + v * head * 0.45, y1 - v * head - u * head * 0.45);
    c.fill();
  }

  words(c, mark) {
    const [[x, y]] = this.points(mark);
    c.font = `${mark.size}px sans-serif`;
    c.textAlign = mark.align;
    c.lineWidth = 3;
    const text = now(mark.text, mark.along[0] ?? mark.changes, this.positions);
    c.save();
    c.strokeStyle = "white"; // a white rim keeps words legible on anything
    c.strokeText(text, x, y);
    c.restore();
    c.fillText(text, x, y);
  }

  // A picture whose pixels are quadrilaterals between the corners given: (rows + 1, columns + 1, 2).
  quads(c, mark) {
    const [rows, columns] = mark.ink.shape;
    const points = this.points(mark);
    const ink = unpack(mark.ink);
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        if (!ink[i * columns + j]) continue;
        c.globalAlpha = ink[i * columns + j] / 255;
        const corner = i * (columns + 1) + j;
        c.beginPath();
        for (const k of [corner, corner + 1, corner + columns + 2, corner + columns + 1]) c.lineTo(points[k][0], points[k][1]);
        c.closePath();
        c.fill();
      }
    }
  }

  // A box with lines of text, at the centre given; `lit` boxes have a thick edge.
  box(c, mark) {
    const [[x, y]] = this.points(mark);
    const lit = now(mark.lit, mark.changes, this.positions);
    c.lineWidth = lit ? 3.5 : 1;
    c.strokeStyle = COLOURS[lit || "grey"];
    c.fillStyle = "white";
    c.beginPath();
    c.roundRect(x - mark.width / 2, y - mark.height / 2, mark.width, mark.height, 6);
    c.fill();
    c.stroke();
    const lines = mark.lines.map((line) => now(line, mark.changes, this.positions));
    c.textAlign = "center";
    lines.forEach((line, i) => {
      c.fillStyle = COLOURS[mark.colors[i]];
      c.font = `${i ? "" : "bold "}12px sans-serif`;
      c.fillText(line, x, y + 4 + (i - (lines.length - 1) / 2) * 15);
    });
  }

  // ── handles: things to drag, by mouse, finger, pen or arrow keys ──

  makeHandle(name) {
    const button = element("button", { type: "button", class: "explorer-handle" });
    const drag = (event) => {
      const box = this.canvas.getBoundingClientRect();
      const scale = this.block.width / box.width;
      this.moveHandle(name, this.back((event.clientX - box.left) * scale, (event.clientY - box.top) * scale));
    };
    button.addEventListener("pointerdown", (event) => {
      button.setPointerCapture(event.pointerId);
      button.focus();
      event.preventDefault();
    });
    button.addEventListener("pointermove", (event) => button.hasPointerCapture(event.pointerId) && drag(event));
    button.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!step) return;
      event.preventDefault();
      const { x: [x0, x1], y: [y0, y1] } = this.block;
      const far = event.shiftKey ? 0.1 : 0.02;
      const { at } = this.block.handles.find((h) => h.name === name);
      this.moveHandle(name, [at[0] + step[0] * far * (x1 - x0), at[1] + step[1] * far * (y1 - y0)]);
    });
    this.card.append(button);
    return button;
  }

  moveHandle(name, [x, y]) {
    const handle = this.block.handles.find((h) => h.name === name);
    const { x: [x0, x1], y: [y0, y1] } = this.block;
    handle.at = [Math.min(x1, Math.max(x0, x)), Math.min(y1, Math.max(y0, y))];
    this.placeHandle(handle);
    this.send(name, handle.at);
  }

  placeHandle({ name, at, label, color }) {
    const button = this.handles.get(name);
    const { x: [x0, x1], y: [y0, y1] } = this.block; // a curve may leave the plot, its handle stays at the edge
    button.style.left = `${(100 * this.px(Math.min(x1, Math.max(x0, at[0])))) / this.block.width}%`;
    button.style.top = `${(100 * this.py(Math.min(y1, Math.max(y0, at[1])))) / this.block.height}%`;
    button.style.borderColor = COLOURS[color];
    button.setAttribute("aria-label", `${label}, at ${at.map((n) => n.toFixed(2)).join(", ")}; arrow keys move it`);
    button.title = label;
  }
}

function shape(c, name, x, y, r) {
  c.beginPath();
  if (name === "circle") c.arc(x, y, r, 0, 7);
  else if (name === "square") c.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8);
  else {
    const corners = { triangle: [[0, -1.2], [1.1, 0.8], [-1.1, 0.8]], diamond: [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]] };
    const plus = [[-0.4, -1.2], [0.4, -1.2], [0.4, -0.4], [1.2, -0.4], [1.2, 0.4], [0.4, 0.4], [0.4, 1.2], [-0.4, 1.2], [-0.4, 0.4], [-1.2, 0.4], [-1.2, -0.4], [-0.4, -0.4]];
    const cross = plus.map(([u, v]) => [(u - v) * 0.71, (u + v) * 0.71]);
    for (const [u, v] of corners[name] || (name === "plus" ? plus : cross)) c.lineTo(x + u * r, y + v * r);
  }
  c.closePath();
  c.fill();
  if (r < 3) return; // too small for a rim
  c.lineWidth = 1;
  c.strokeStyle = "white";
  c.stroke();
}

// ── a table whose words change with a player's frames ──

class Readout {
  constructor(positions) {
    this.positions = positions;
    this.node = element("div", { class: "explorer-scroll" });
    this.node.plot = this;
  }

  update(block) {
    this.block = block;
    const head = element("tr", {}, ...block.head.map((word) => element("th", { scope: "col" }, word)));
    this.cells = block.rows.map((row) => row.map(() => element("td", {})));
    const rows = this.cells.map((cells) => element("tr", {}, ...cells));
    this.node.replaceChildren(element("table", { class: "explorer-readout", "aria-live": "off" }, element("caption", {}, block.title), head, ...rows));
    this.draw();
  }

  draw() {
    this.block.rows.forEach((row, i) => row.forEach((words, j) => {
      const text = now(words, this.block.along, this.positions);
      if (this.cells[i][j].textContent !== text) this.cells[i][j].textContent = text;
    }));
  }
}

// ── a player: start, play or pause, one step, and a slider to scrub; `move` says where it stands ──

function makePlayer(id, move) {
  const slider = element("input", { id, type: "range", min: 0 });
  const output = element("output", { for: id });
  const button = (label, sign, press) => {
    const made = element("button", { type: "button", class: "explorer-press", "aria-label": label, title: label }, sign);
    made.addEventListener("click", press);
    return made;
  };
  let [control, position, playing, last] = [null, 0, null, 0];

  const show = (quietly = false) => {
    slider.value = position;
    const frame = control.smooth ? Math.round(position) : Math.floor(position);
    output.textContent = control.texts ? control.texts[frame] : frame;
    slider.setAttribute("aria-valuetext", output.textContent);
    move(control.name, position, quietly);
  };
  const pause = () => {
    if (playing !== null) cancelAnimationFrame(playing);
    playing = null;
    play.textContent = "▶";
    play.setAttribute("aria-label", "play");
    play.title = "play";
  };
  const tick = (time) => {
    const end = control.frames - 1;
    position = Math.min(end, position + (((time - last) / 1000) * end) / control.seconds);
    last = time;
    show();
    if (position < end && slider.isConnected) playing = requestAnimationFrame(tick);
    else pause();
  };
  const go = (to) => {
    pause();
    position = Math.min(control.frames - 1, Math.max(0, to));
    show();
  };
  const toggle = () => {
    if (playing !== null) return pause();
    if (still()) return go(control.frames - 1); // less motion, please: straight to the end
    if (position >= control.frames - 1) position = 0;
    play.textContent = "❚❚";
    play.setAttribute("aria-label", "pause");
    play.title = "pause";
    last = performance.now();
    playing = requestAnimationFrame(tick);
  };
  const play = button("play", "▶", toggle);
  const buttons = element("span", { class: "explorer-buttons" }, button("back to the start", "|◀", () => go(0)), play, button("one step", "+1", () => go(Math.floor(position) + 1)));
  slider.addEventListener("input", () => go(+slider.value));

  const update = (fresh) => {
    const first = control === null;
    control = fresh;
    slider.max = control.frames - 1;
    slider.step = control.smooth ? 0.02 : 1;
    buttons.hidden = !control.seconds;
    position = Math.min(control.frames - 1, first ? control.value : position);
    show(true); // the plots are about to be drawn anyway; a player that runs runs on
  };
  return { parts: [buttons, slider, output], update, where: () => position, stop: pause };
}
