// Versions of the model, and which of them answers.

import { ask } from "./api.js";
import { button, card, el, table } from "./dom.js";
import { nameOf, say, when } from "./words.js";

export async function versions() {
  const room = el("div", { id: "versions" });
  show(room, await ask("/v1/models"));
  return [room];
}

function show(room, said) {
  const head = [[say("version")], [say("made")], [say("origin")], [say("verdict")], [""]];
  const rows = [...said.versions].reverse().map((one) => row(one, said.active, (path) => act(room, path)));
  const retrain = button(say("retrain"), () => act(room, "/v1/models/retrain"), { class: "main", id: "retrain", disabled: said.retraining });
  const told = said.retraining ? say("retraining") : said.verdict ? verdict(said.verdict) : "";
  room.replaceChildren(card(say("topic.versions"), el("div", { class: "line" }, retrain, el("span", { class: "soft", role: "status" }, told)),
    table(say("topic.versions"), head, rows, { marked: (place) => rows[place].isActive })));
}

function row(one, active, act) {
  const label = one.number < active ? "roll.back" : "activate";
  const last = one.number === active ? el("b", {}, say("answers")) : button(say(label), () => act(`/v1/models/${one.number}/activate`), { "aria-label": `${say(label)}: ${one.number}` });
  const cells = [String(one.number), one.created_at ? when(one.created_at) : "–", nameOf("origin", one.origin), one.verdict ? verdict(one.verdict) : "–", last];
  return Object.assign(cells, { isActive: one.number === active });
}

const verdict = (said) => (said.accepted ? say("accepted") : `${say("refused")} ${said.reason ?? ""}`);

/** Does something, and shows what there is then; a refusal is told below. */
async function act(room, path) {
  try {
    show(room, await ask(path, undefined, "POST"));
  } catch (error) {
    room.querySelector(".bad")?.remove();
    room.append(el("p", { role: "alert", class: "bad" }, say("failed"), " ", error.status === 403 ? say("not.allowed") : error.message));
  }
}
