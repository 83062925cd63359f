// What was found, line by line, in words of one language: those of verify_evidence.py.
import { After, Wrong } from "./forms.js";

export const PROVEN = "proven";
export const FALSE = "FALSE";
export const ABSENT = "not there";

/** Names of keys and certificates are their makers': none writes a line of this report. */
function onOneLine(value) {
  const shown = String(value).replace(/[\p{C}\p{Z}]/gu, (one) => (one === " " ? one : "\ufffd"));
  return shown.replace(/ {2,}/g, " ");
}

export class Report {
  /** words: {key: [zh, en]}; language: "zh" or "en". */
  constructor(words, language) {
    this.words = words;
    this.which = language === "en" ? 1 : 0;
    this.lines = [];
    this.end = [];
  }

  get code() {
    return this.lines.some((line) => line.state === FALSE) ? 1 : 0;
  }

  say(key, values = {}) {
    return this.words[key][this.which].replace(/\{(\w+)\}/g, (_, name) => onOneLine(values[name]));
  }

  add(state, key, values = {}) {
    this.lines.push({ state, text: this.say(key, values) });
  }

  /** check: gives what its words need besides `about`, null where it said something itself. */
  async claim(key, check, about = {}) {
    const subject = this.say(key, about);
    let found = null;
    try {
      found = await check();
    } catch (error) {
      if (error instanceof After) {
        this.add(ABSENT, "after", { subject });
        return;
      }
      const wrong = error instanceof Wrong ? error : new Wrong("w_form", { what: subject });
      const text = subject + this.say("colon") + this.say(wrong.key, wrong.values);
      // error: for whoever looks into the console of a test
      this.lines.push({ state: FALSE, text, error: String(error.stack) });
      return;
    }
    if (found) this.add(PROVEN, `${key}+`, { ...about, ...found });
  }

  joined(words) {
    return words.join(this.say("list"));
  }

  /** 'batch 5, order 2'. */
  counted(kinds) {
    const counts = new Map();
    for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const told = [...counts.keys()].sort().map((kind) => {
      const name = `kind_${kind}`;
      const word = Object.hasOwn(this.words, name) ? this.say(name) : kind;
      return `${word} ${counts.get(kind)}`;
    });
    return this.joined(told);
  }
}
