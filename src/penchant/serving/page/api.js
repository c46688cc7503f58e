// The server. The key, where one is needed, lives as long as the tab and goes into a header, never into an address.

const KEY = "penchant-key";

/** An answer that is no answer: `status`, and a message for people. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export function keepKey(key) {
  if (key) sessionStorage.setItem(KEY, key);
  else sessionStorage.removeItem(KEY);
}

export const hasKey = () => sessionStorage.getItem(KEY) !== null;

/** The JSON of a path. Without a body it is a GET. Throws Refused; a 401 also asks the page for a key. */
export async function ask(path, body, method = body === undefined ? "GET" : "POST") {
  return (await send(path, body, method)).json();
}

export async function askText(path) {
  return (await send(path, undefined, "GET")).text();
}

async function send(path, body, method) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (hasKey()) headers.Authorization = `Bearer ${sessionStorage.getItem(KEY)}`;
  const text = body === undefined ? undefined : JSON.stringify(body);
  const response = await fetch(path, { method, headers, body: text });
  if (response.ok) return response;
  if (response.status === 401) document.dispatchEvent(new CustomEvent("key-needed"));
  throw new Refused(response.status, await reason(response));
}

async function reason(response) {
  try {
    const answer = await response.json();
    if (answer.error) return answer.error.message;
    if (Array.isArray(answer.detail)) return answer.detail.map((one) => `${one.loc.at(-1)}: ${one.msg}`).join("; ");
    return answer.detail || response.statusText;
  } catch {
    return `${response.status} ${response.statusText}`;
  }
}
