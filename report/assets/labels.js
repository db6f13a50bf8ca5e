// Finds room for the labels of a chart that has been drawn: only then is its size known, and what its letters measure.
// A chart names its marks: `points` have a label beside them, `areas` on them, `arrows` at their ends; the labels go
// into its data `labels`, in px of the plot. A label that finds no room is left out; those far from the middle of the
// plot come first, and one without room is tried again before the others; what is at an end of an axis counts most.
const APART = 3; // px between labels
const GAP = 2; // px between a label, or its line, and a point or a line
const NEAR = 8; // of a label and its point; farther off a line leads from one to the other
const REACHES = [NEAR, 16, 24, 34, 46, 60, 76, 96];
const ROUNDS = 100;
const pen = document.createElement("canvas").getContext("2d");

function itemsOf(mark, name) {
  if (mark.name === `${name}_marks`) return mark.items;
  return (mark.items ?? []).flatMap((item) => (item.items ?? []).flatMap((inner) => itemsOf(inner, name)));
}

const meet = (a, b, gap) =>
  a.left < b.right + gap && b.left < a.right + gap && a.top < b.bottom + gap && b.top < a.bottom + gap;

function distance(box, { x, y }) {
  return Math.hypot(Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom));
}

function along({ from, to }) { // points of a line, close enough to tell what it meets
  const count = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / 3);
  return Array.from({ length: count + 1 }, (_, step) =>
    ({ x: from.x + ((to.x - from.x) * step) / count, y: from.y + ((to.y - from.y) * step) / count }));
}

// A name on one line, or broken after a hyphen or a space where its lines are most even.
function layouts(text) {
  const cuts = [...text.matchAll(/[-\s]/g)].map((cut) => [text.slice(0, cut.index + 1).trim(), text.slice(cut.index + 1)]);
  const even = cuts.sort((a, b) => Math.max(...a.map((s) => s.length)) - Math.max(...b.map((s) => s.length)))[0];
  return even ? [[text], even] : [[text]];
}

function boxAt(kind, item, reach, angle, { width, height }) {
  const to = { x: item.x + Math.cos(angle) * reach, y: item.y + Math.sin(angle) * reach };
  const [across, down] = [Math.cos(angle), Math.sin(angle)].map((one) => (Math.abs(one) < 0.4 ? 0 : Math.sign(one)));
  const left = to.x + (kind === "areas" ? -width / 2 : (across - 1) * width / 2);
  const top = to.y + (kind === "areas" ? -height / 2 : (down - 1) * height / 2);
  return { left, top, right: left + width, bottom: top + height, to };
}

function candidates(kind, item, plot) {
  const found = [];
  const turns = kind === "points" ? 12 : 16;
  const reaches = { points: REACHES, arrows: [4, 10, 18, 28], areas: [0, 6, 12, 18, 26] }[kind];
  for (const layout of item.layouts) {
    for (const reach of reaches) {
      for (let turn = 0; turn < (reach ? turns : 1); turn += 1) {
        const box = boxAt(kind, item, reach, (2 * Math.PI * turn) / turns, layout);
        const shift = kind === "points" ? 0 : Math.max(0, -box.left) - Math.max(0, box.right - plot.width);
        box.left += shift;
        box.right += shift;
        const outside = box.left < 0 || box.right > plot.width || box.top < 0 || box.bottom > plot.height;
        if (outside) continue;
        const leader = kind === "points" && reach > NEAR ? { from: item, to: box.to } : null;
        found.push({ ...box, leader, lines: layout.lines, cost: reach + Math.abs(shift) + 4 * (layout.lines.length - 1) });
      }
    }
  }
  return found.sort((a, b) => a.cost - b.cost);
}

function isFree(place, item, items, placed) {
  const others = items.filter((one) => one !== item);
  const own = distance(place, item);
  if (others.some((one) => distance(place, one) < Math.max(one.radius + GAP, place.leader ? NEAR : own + 5))) return false;
  if (placed.some((one) => meet(place, one.place, APART))) return false;
  const line = place.leader ? along(place.leader) : [];
  const away = (one, point) => Math.hypot(one.x - point.x, one.y - point.y);
  const isBlocked = (point) => others.some((one) => away(one, point) < Math.min(one.radius + GAP, away(item, point)))
    || placed.some((one) => distance(one.place, point) < GAP);
  if (line.some(isBlocked)) return false;
  return placed.every((one) => one.line.every((point) =>
    distance(place, point) >= GAP && line.every((mine) => away(mine, point) >= GAP)));
}

function arrange(items) {
  const placed = [];
  for (const item of items) {
    const place = item.candidates.find((one) => isFree(one, item, items, placed));
    if (place) placed.push({ item, place, line: place.leader ? along(place.leader) : [] });
  }
  return placed;
}

// A text in as many lines as it takes to be no wider than `width`.
function wrapped(text, width, font) {
  pen.font = font;
  return text.split(" ").reduce((lines, word) => {
    const longer = [...lines.slice(-1), word].join(" ");
    const fits = lines.length > 0 && pen.measureText(longer).width <= width;
    return fits ? [...lines.slice(0, -1), longer] : [...lines, word];
  }, []);
}

// The rows of `labels` for a view; `size` is that of the letters in px.
function labelsOf(view, language, size, font) {
  pen.font = `${size}px ${font}`;
  const plot = { width: view.width(), height: view.height() };
  const middle = { x: plot.width / 2, y: plot.height / 2 };
  const kinds = ["arrows", "points", "areas"];
  let order = kinds.flatMap((kind) => itemsOf(view.scenegraph().root, kind).map((item) => {
    const made = layouts(item.datum[`label_${language}`]).map((lines) => ({
      lines, width: Math.max(...lines.map((line) => pen.measureText(line).width)), height: lines.length * (size + 1),
    }));
    const far = Math.hypot((item.x - middle.x) / plot.width, (item.y - middle.y) / plot.height);
    const radius = kind === "points" ? Math.sqrt(item.size / Math.PI) : 2;
    return { kind, x: item.x, y: item.y, layouts: made, radius, far, worth: 1 + far };
  }));
  order.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || b.far - a.far);
  for (const item of order) item.candidates = candidates(item.kind, item, plot);
  for (const end of [Math.min, Math.max]) {
    for (const axis of ["x", "y"]) {
      const last = end(...order.map((item) => item[axis]));
      for (const item of order) item.worth += item.kind !== "arrows" && item[axis] === last ? 5 : 0;
    }
  }
  let [best, most] = [[], 0];
  for (let round = 0; round < ROUNDS && best.length < order.length; round += 1) {
    const placed = arrange(order);
    const worth = placed.reduce((sum, one) => sum + one.item.worth, 0);
    if (worth > most) [best, most] = [placed, worth];
    const missing = order.filter((item) => !placed.some((one) => one.item === item));
    order = [...missing, ...order.filter((item) => !missing.includes(item))];
  }
  return best.map(({ item, place }) => ({
    text: place.lines, x: place.left, y: place.top, width: place.right - place.left, is_arrow: item.kind === "arrows",
    size, has_leader: Boolean(place.leader), from_x: item.x, from_y: item.y, to_x: place.to.x, to_y: place.to.y,
  }));
}
