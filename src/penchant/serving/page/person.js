// The view for a person: who, what they did and like, what is recommended, and how it changes.

import { Asked, LENGTH } from "./asked.js";
import { compareWith, comparison } from "./compare.js";
import { button, card, el } from "./dom.js";
import { showInterests } from "./interests.js";
import { listNode, showList } from "./list.js";
import { showPast } from "./past.js";
import { chooser, firstPerson } from "./people.js";
import { searchCard } from "./search.js";
import { percent, say } from "./words.js";

let asked = null; // stays while the language or the view changes

/** Shows the view in `root`; the address may name a person. */
export function personView(root, [name]) {
  if (name && asked?.user !== name) asked = new Asked({ user: name });
  const view = new View(root);
  view.start();
}

class View {
  constructor(root) {
    this.root = root;
    this.turn = 0; // an answer to an older question is not shown
    this.status = el("p", { id: "status", role: "status" });
    this.list = listNode("list", say("list"));
    this.made = el("p", { class: "soft small", id: "made" });
    this.notes = el("ul", { class: "notes", id: "notes" });
    this.beside = el("div", { class: "beside", id: "beside" });
    this.interests = el("div", { id: "interests" });
    this.past = el("ul", { id: "past", class: "past" });
  }

  async start() {
    this.root.replaceChildren(el("h1", { class: "hidden" }, say("view.person")), chooser(asked, (next) => this.choose(next)), this.columns());
    try {
      asked ??= await firstPerson();
      if (asked) await this.choose(asked);
      else this.status.textContent = say("nobody");
    } catch (error) {
      this.fail(error);
    }
  }

  columns() {
    const against = compareWith(asked?.against, (word) => { asked.against = word; this.refresh(); });
    const main = el("div", { class: "wide" },
      card(say("list"), this.steering(), against, this.status, this.notes, el("div", { class: "lists" }, this.list, this.beside), this.made),
      searchCard((event, title) => this.react(event, title, say("noted", { title }))));
    const side = el("div", {}, card(say("interests"), this.interests), card(say("past"), this.past));
    return el("div", { class: "columns" }, main, side);
  }

  steering() {
    const field = el("input", { id: "steer", autocomplete: "off", placeholder: say("steer.example"), value: asked?.steer, maxlength: 1000 });
    const clear = button(say("steer.clear"), () => { field.focus(); this.steer(""); }, { id: "unsteer", hidden: !asked?.steer });
    this.steer = (words) => {
      asked.steer = field.value = words;
      clear.hidden = !words;
      return this.refresh();
    };
    const submit = (event) => { event.preventDefault(); this.steer(field.value.trim()); };
    return el("form", { class: "line", id: "steering", onsubmit: submit },
      el("label", {}, say("steer"), field), el("button", { class: "main" }, say("steer.do")), clear);
  }

  async choose(next) {
    const other = asked !== next;
    asked = next;
    document.querySelector("#user").value = next.user ?? "";
    await (other ? this.steer("") : this.refresh());
  }

  /** Asks for everything again, and shows it; note: what is said when the list is there, shown: what is done then. */
  async refresh(note = "", shown = () => {}) {
    const turn = ++this.turn;
    this.status.textContent = say("loading");
    this.list.setAttribute("aria-busy", "true");
    try {
      const [answer, past] = await Promise.all([asked.list(), asked.past()]);
      if (turn !== this.turn) return;
      this.show(answer, past, note);
      shown();
      const [beside, interests] = await Promise.all([comparison(asked, answer), asked.interests()]);
      if (turn !== this.turn) return;
      this.beside.replaceChildren(...beside);
      showInterests(this.interests, interests, asked, (words) => this.steer(words));
    } catch (error) {
      if (turn === this.turn) this.fail(error);
    }
  }

  show(answer, past, note) {
    const react = (event, title, place) => this.react(event, title, say(`noted.${event.kind}`, { title }), place);
    showList(this.list, answer.items, { past, react });
    showPast(this.past, past);
    this.made.textContent = say("made.of", { version: answer.version, sources: shares(answer.sources) });
    this.notes.replaceChildren(...answer.notes.map((text) => el("li", {}, text)));
    const stranger = asked.user === null ? say("stranger.here") : say("stranger", { name: asked.user });
    const short = answer.items.length < LENGTH && answer.items.length > 0 ? say("short", { number: answer.items.length }) : "";
    this.status.textContent = note || (answer.known ? short : stranger);
    this.list.removeAttribute("aria-busy");
  }

  async react(event, title, note, place) {
    try {
      await asked.tell(event, title);
      await this.refresh(note, () => {
        if (place !== undefined) this.list.querySelectorAll("li")[place]?.querySelector(`.${event.kind}`)?.focus();
      });
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error) {
    this.list.removeAttribute("aria-busy");
    this.status.replaceChildren(el("span", { class: "bad" }, say("failed"), " ", error.message), " ", button(say("again"), () => this.refresh()));
  }
}

/** The sources that had a say, the strongest first. */
function shares(sources) {
  const some = Object.entries(sources ?? {}).filter(([, share]) => share > 0).sort((one, other) => other[1] - one[1]);
  return some.map(([name, share]) => `${name} ${percent(share)}`).join(", ") || "–";
}
