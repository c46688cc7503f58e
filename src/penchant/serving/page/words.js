// What the page says, in two languages. The browser's comes first; a choice is kept.

import en from "./words-en.js";
import zh from "./words-zh.js";

const WORDS = { en, zh };
const KEPT = "penchant-language";

let language = kept() || (navigator.language.startsWith("zh") ? "zh" : "en");

function kept() {
  const value = localStorage.getItem(KEPT);
  return value in WORDS ? value : null;
}

export const spoken = () => language;

export function speak(other) {
  language = other;
  localStorage.setItem(KEPT, other);
}

/** The words of a key; {name} in them is filled in. A key without words is told as it is, so that a gap is seen. */
export function say(key, values = {}) {
  const words = WORDS[language][key] ?? key;
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** What something of the data is called where we have a word for it, otherwise its own name. */
export const nameOf = (group, name) => WORDS[language][`${group}.${name}`] ?? String(name).replaceAll("_", " ");

export function number(value, digits = 0) {
  if (value == null || Number.isNaN(value)) return "–";
  return value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export const percent = (share, digits = 0) => (share == null ? "–" : `${number(100 * share, digits)} %`);

export function signed(value, digits = 4) {
  return value == null ? "–" : `${value < 0 ? "−" : "+"}${number(Math.abs(value), digits)}`;
}

export function when(value) {
  return new Date(value).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
}
