// Nodes out of words. Whatever comes from data ends in a text node or a plain attribute: a title can never become markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element. Properties: `class`, `on<event>` (a function), `value` and other attributes; false and null leave one out. */
export function el(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** The same for the parts of a drawing. */
export function svg(tag, properties = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), properties, children);
}

function fill(node, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child != null && child !== false));
  return node;
}

export function button(label, onclick, properties = {}) {
  return el("button", { type: "button", onclick, ...properties }, label);
}

/** A button that is a picture; its label is read aloud and shown on hover. */
export function iconButton(shape, label, onclick, properties = {}) {
  return button(icon(shape), onclick, { "aria-label": label, title: label, ...properties, class: `icon ${properties.class || ""}` });
}

const SHAPES = {
  like: "M12 20S4 14.5 4 9a4.3 4.3 0 0 1 8-2.2A4.3 4.3 0 0 1 20 9c0 5.500-8 11-8 11z",
  dislike: "M6 6l12 12M18 6L6 18",
  skip: "M5 6l7 6-7 6zM13 6l7 6-7 6z",
  more: "M12 5v14M5 12h14",
  less: "M5 12h14",
};

export function icon(shape) {
  return svg("svg", { viewBox: "0 0 24 24", class: `shape ${shape}`, "aria-hidden": "true" }, svg("path", { d: SHAPES[shape] }));
}

/** A bar of 0..1. Decoration: the number stands beside it in words. */
export function bar(share, className = "") {
  const inner = el("i");
  inner.style.setProperty("--share", `${100 * Math.min(Math.max(share, 0), 1)}%`);
  return el("span", { class: `bar ${className}`, "aria-hidden": "true" }, inner);
}

export function card(title, ...children) {
  return el("section", { class: "card", "aria-label": title }, el("h2", {}, title), ...children);
}

/** A table. head: [text, isNumber] of each column; rows: cells, nodes or texts; the first names its row. The caption is for the
 * ear, unless it is shown. */
export function table(caption, head, rows, { marked = () => false, shown = false } = {}) {
  const cell = (value, place) => {
    const kind = head[place][1] ? { class: "number" } : {};
    return place === 0 ? el("th", { scope: "row" }, value) : el("td", kind, value);
  };
  const titles = head.map(([text, isNumber]) => el("th", { scope: "col", class: isNumber && "number" }, text));
  const body = rows.map((row, place) => el("tr", { class: marked(place) && "ours" }, row.map(cell)));
  const whole = el("table", {}, el("caption", { class: !shown && "hidden" }, caption), el("thead", {}, el("tr", {}, titles)), el("tbody", {}, body));
  return el("div", { class: "table", tabindex: "0", role: "region", "aria-label": caption }, whole);
}
